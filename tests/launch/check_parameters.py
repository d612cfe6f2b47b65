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


def nodes_of(key, file, sections):
    """The nodes that a section is for: the one it names; for a wildcard the one that the file is named after, or else all that its other sections name."""
    last, stem = key.split('/')[-1], file.name.split('.')[0]
    if last in schemas:
        return [last]
    if last.strip('*'):
        return []
    return [stem] if stem in schemas and len(sections) == 1 else [n for n in schemas if any(k.endswith('/' + n) for k in sections)]


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
    sections = yaml.safe_load(file.read_text())
    for key, section in sections.items():
        names = nodes_of(key, file, sections)
        if not names:
            found['problems'].append(f'{key}: there is no schema for it')
            continue
        found['nodes'] += names
        for name in names:
            validator = jsonschema.Draft202012Validator(schemas[name])
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
