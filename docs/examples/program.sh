#!/bin/sh
# Random search as a program in POSIX sh, for spaces in which every combination of choices is an architecture.
whole_number() { # set $number to the integer that follows "$1": in the line
    rest=${line#*"\"$1\": "}
    number=${rest%%[!0-9]*}
}

architecture() { # set $found to a random architecture, drawn from the high bits of a linear congruential generator
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
