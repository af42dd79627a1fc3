"""Sends completions over HTTP, as told on standard input; ends with an error where one is refused."""

import http.client
import sys
import threading
from typing import Any

import orjson


def work_off(order: dict[str, Any], mine: list[str], refused: list[str]) -> None:
    body = orjson.dumps({"values": order["values"]})
    headers = {
        "Authorization": f"Bearer {order['token']}",
        "Content-Type": "application/json",
    }
    connection = http.client.HTTPConnection("127.0.0.1", order["port"], timeout=60)
    for task_id in mine:
        connection.request("POST", f"/api/v1/user-tasks/{task_id}/completion", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            refused.append(f"{answer.status} {text.decode()}")
            break
    connection.close()


def main() -> int:
    order = orjson.loads(sys.stdin.buffer.read())
    refused: list[str] = []
    number = order["clients"]
    threads = [
        threading.Thread(target=work_off, args=(order, order["tasks"][n::number], refused))
        for n in range(number)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        sys.stderr.write(refused[0] + "\n")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
