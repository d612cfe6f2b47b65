"""
Checks parameter files with python3-jsonschema against the schema of the node that each section is for, then spoils every value and expects a refusal.

    check_parameters.py FOLDER      prints {file: {"nodes": [...], "problems": [...], "spoiled": N, "accepted": [...]}}
"""

import copy
import json
import pathlib
import sys

import jsonschema
import yaml

folder = pathlib.Path(sys.argv[1])
schemas = {f.name.split('.')[0]: json.loads(f.read_text()) for f in (folder / 'schema').glob('*.schema.json')}
for schema in schemas.values():
    jsonschema.Draft202012Validator.check_schema(schema)


def nodes_of(key, file):
    """The nodes that a section is for: the one it names, or for a wildcard those the file is named after."""
    last = key.split('/')[-1]
    return [last] if last in schemas else [file.name.split('.')[0]] if last.strip('*') == '' else []


def leaves(node, path=()):
    for key, value in node.items():
        if isinstance(value, dict):
            yield from leaves(value, path + (key,))
        else:
            yield path + (key,)


def place(node, path):
    for key in path[:-1]:
        node = node[key]
    return node


report = {}
for file in sorted(folder.glob('*.param.yaml')):
    found = {'nodes': [], 'problems': [], 'spoiled': 0, 'accepted': []}
    for key, section in yaml.safe_load(file.read_text()).items():
        names = nodes_of(key, file)
        if not names or names[0] not in schemas:
            found['problems'].append(f'{key}: there is no schema for it')
            continue
        found['nodes'] += names
        validator = jsonschema.Draft202012Validator(schemas[names[0]])
        found['problems'] += [f'{key}: {"/".join(map(str, e.path))}: {e.message}' for e in validator.iter_errors({key: section})]
        for path in leaves(section['ros__parameters']):
            for spoil in ('type', 'name'):
                bad = copy.deepcopy(section)
                parent = place(bad['ros__parameters'], path)
                value = parent[path[-1]]
                if spoil == 'name':
                    del parent[path[-1]]
                    parent[path[-1] + 'x'] = value
                else:
                    parent[path[-1]] = {'no': 'value'}
                found['spoiled'] += 1
                if validator.is_valid({key: bad}):
                    found['accepted'].append(f'{key}: {".".join(path)}, spoiled by {spoil}')
    report[file.name] = found
print(json.dumps(report))
