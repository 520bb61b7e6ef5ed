"""Hill climbing with restarts, as a program that uses none of Regretta's code."""

import json
import random
import sys


def send(**message):
    """Send a message to Regretta."""
    print(json.dumps(message), flush=True)


def receive():
    """Receive a message, or exit at the end of the input, which is the end of the trial."""
    line = sys.stdin.readline()
    return json.loads(line) if line else sys.exit()


hello = receive()
rng = random.Random(hello["seed"])
restart = hello["hyperparameters"].get("restart", 0.05)
send(type="ready", protocol=1)
asked, best = [], None
while True:
    message = receive()
    if message["type"] == "tell":
        best = min(best or [9.9, None], [message["error"], asked[message["number"]]])
        continue
    if best is None or rng.random() < restart:
        send(type="sample")
    else:
        send(type="mutate", architecture=best[1])
    asked.append(receive()["architecture"])
    send(type="query", architecture=asked[-1])
