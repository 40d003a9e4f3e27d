"""Is the file of the API valid, and are these answers what it says? openapi.py FILE < lines METHOD PATH STATUS BODY-FILE"""
import json
import sys

import yaml
from jsonschema import Draft202012Validator

with open(sys.argv[1], encoding="utf-8") as file:
    api = yaml.safe_load(file)
bad = 0


def complain(text):
    global bad
    bad += 1
    print(text)


def walk(node, path):
    """Every schema is one, every reference leads somewhere."""
    if isinstance(node, dict):
        if "$ref" in node:
            target = api
            for word in node["$ref"].lstrip("#/").split("/"):
                target = target.get(word) if isinstance(target, dict) else None
            if target is None:
                complain(f"{path}: {node['$ref']} leads nowhere")
        for name, value in node.items():
            if name == "schema":
                Draft202012Validator.check_schema(value)
            walk(value, f"{path}/{name}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            walk(value, f"{path}/{i}")


walk(api, "")
for name, schema in api["components"]["schemas"].items():
    Draft202012Validator.check_schema(schema)
names = [op["operationId"] for path in api["paths"].values() for op in path.values()]
if len(names) != len(set(names)):
    complain("an operationId is there twice")


def resolve(response):
    while "$ref" in response:
        target = api
        for word in response["$ref"].lstrip("#/").split("/"):
            target = target[word]
        response = target
    return response


n = 0
for line in sys.stdin:
    method, path, status, body = line.split()
    responses = api["paths"][path][method.lower()]["responses"]
    response = resolve(responses.get(status, responses["default"]))
    kind = "application/json" if status < "300" else "application/problem+json"
    schema = {**response["content"][kind]["schema"], "components": api["components"]}
    with open(body, encoding="utf-8") as file:
        answer = json.load(file)
    for error in Draft202012Validator(schema).iter_errors(answer):
        complain(f"{method} {path} {status}: {'/'.join(map(str, error.path))}: {error.message[:200]}")
    n += 1
print(f"{n} answers of {len(names)} operations, {bad} faults")
sys.exit(bad > 0)
