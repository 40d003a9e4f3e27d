"""Is the file of the API valid, and are these answers what it says? openapi.py FILE FOLDER [--whole]

FOLDER holds answers: N the body, N.head a line "METHOD PATH STATUS TYPE". With --whole each operation must have succeeded once.
"""
import collections
import glob
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


def at(reference):
    target = api
    for word in reference.lstrip("#/").split("/"):
        target = target.get(word) if isinstance(target, dict) else None
    return target


def walk(node, path):
    """Every schema is one, every reference leads somewhere."""
    if isinstance(node, dict):
        if "$ref" in node and at(node["$ref"]) is None:
            complain(f"{path}: {node['$ref']} leads nowhere")
        for name, value in node.items():
            if name == "schema":
                Draft202012Validator.check_schema(value)
            walk(value, f"{path}/{name}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            walk(value, f"{path}/{i}")


def template_of(path):
    """The path of the file that this one is; words go before places."""
    words = path.split("?")[0].split("/")
    fits = [t for t in api["paths"] if len(t.split("/")) == len(words)
            and all(a == b or (a.startswith("{") and b) for a, b in zip(t.split("/"), words))]
    return min(fits, key=lambda t: t.count("{"), default=None)


def schema_of(method, path, status):
    """What the body must be, and its type. What the file does not know is refused."""
    operation = api["paths"].get(template_of(path), {}).get(method.lower())
    if not operation:
        response = at("#/components/responses/Problem")
    else:
        responses = operation["responses"]
        response = responses.get(status, responses["default"])
        while "$ref" in response:
            response = at(response["$ref"])
    kind = "application/json" if status < "300" else "application/problem+json"
    if kind not in response["content"]:
        return kind, None
    return kind, {**response["content"][kind]["schema"], "components": api["components"]}


walk(api, "")
for name, schema in api["components"]["schemas"].items():
    Draft202012Validator.check_schema(schema)
names = [op["operationId"] for path in api["paths"].values() for op in path.values()]
if len(names) != len(set(names)):
    complain("an operationId is there twice")

seen = collections.defaultdict(collections.Counter)
n = 0
for head in glob.glob(sys.argv[2] + "/*.head"):
    with open(head, encoding="utf-8") as file:
        method, path, status, *kind = file.read().split()
    with open(head[: -len(".head")], encoding="utf-8") as file:
        text = file.read()
    if status == "000" or method not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        continue  # there was no answer
    n += 1
    template = template_of(path)
    seen[(template or "elsewhere", method if template in api["paths"] and method.lower() in api["paths"][template] else "other")][status] += 1
    wanted, schema = schema_of(method, path, status)
    if kind[:1] != [wanted] or schema is None:
        complain(f"{method} {path} {status}: its type is {' '.join(kind)}, not {wanted}")
        continue
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as error:
        complain(f"{method} {path} {status}: {error}")
        continue
    for error in Draft202012Validator(schema).iter_errors(answer):
        complain(f"{method} {path} {status}: {'/'.join(map(str, error.path))}: {error.message[:200]}")

known = [(path, method.upper()) for path, item in api["paths"].items() for method in item]
if "--whole" in sys.argv:
    for path, method in known:
        if not any(status < "300" for status in seen[(path, method)]):
            complain(f"{method} {path}: no success was seen")
    for (path, method), statuses in sorted(seen.items()):
        if statuses:
            print(f"{method:6} {path:28} " + ", ".join(f"{k} x {v}" for k, v in sorted(statuses.items())))
print(f"{n} answers, {sum(bool(seen[k]) for k in known)} of {len(known)} operations, {bad} faults")
sys.exit(bad > 0)
