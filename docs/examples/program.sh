#!/bin/sh
# A program guest in plain sh: random search, on a space where every combination is an architecture.
whole_number() { # the one that follows "$1": in the line
    rest=${line#*"\"$1\": "}
    number=${rest%%[!0-9]*}
}

architecture() { # a random one, in $found; a linear congruential generator's high bits
    found=
    for cardinality in $cardinalities; do
        state=$(((state * 1103515245 + 12345) % 2147483648))
        found=$found${found:+,}$((state / 65536 % cardinality))
    done
}

while read -r line; do
    case $line in
    *'"type": "hello"'*)
        whole_number seed
        state=$number
        rest=${line#*'"cardinalities": ['}
        cardinalities=$(echo "${rest%%]*}" | tr -d ,)
        echo '{"type": "ready", "protocol": 1}'
        ;;
    *'"type": "ask"'*)
        architecture
        echo "{\"type\": \"query\", \"architecture\": [$found]}"
        ;;
    esac
done
