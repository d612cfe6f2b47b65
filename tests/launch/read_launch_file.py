"""
What a launch file declares and starts, as JSON, with stand-ins for the packages launch and launch_ros: they are not part of Debian.

    read_launch_file.py FILE [NAME:=VALUE ...]
"""

import importlib.util
import json
import os
import sys
import types


class Recorded:
    """Any action, event or handler: keeps what it was made with."""

    def __init__(self, *args, **kwargs):
        self.args, self.kwargs = args, kwargs


class Shutdown(Recorded):
    pass


def kind(name):
    return type(name, (Recorded,), {})


class LaunchConfiguration(Recorded):
    def perform(self, context):
        return context[self.args[0]]


class Transition:
    TRANSITION_CONFIGURE, TRANSITION_ACTIVATE = 1, 3


def module(name, **members):
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(members)


actions = {n: kind(n) for n in ('DeclareLaunchArgument', 'EmitEvent', 'ExecuteProcess', 'IncludeLaunchDescription', 'LogInfo', 'OpaqueFunction', 'RegisterEventHandler')}
module('launch', LaunchDescription=kind('LaunchDescription'))
module('launch.actions', **actions)
module('launch.event_handlers', OnProcessStart=kind('OnProcessStart'), OnProcessExit=kind('OnProcessExit'))
module('launch.events', Shutdown=Shutdown, matches_action=lambda action: action)
module('launch.substitutions', LaunchConfiguration=LaunchConfiguration)
module('launch.launch_description_sources', PythonLaunchDescriptionSource=kind('PythonLaunchDescriptionSource'))
module('launch_ros')
module('launch_ros.actions', Node=kind('Node'), LifecycleNode=kind('LifecycleNode'))
module('launch_ros.event_handlers', OnStateTransition=kind('OnStateTransition'))
module('launch_ros.events')
module('launch_ros.events.lifecycle', ChangeState=kind('ChangeState'))
module('ament_index_python')
# As installed: what is not in the repository is named, not read.
ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), *['..'] * (4 if 'ros2_ws' in os.path.abspath(sys.argv[1]).split(os.sep) else 1)))
module('ament_index_python.packages', get_package_share_directory=lambda package: ROOT if package == 'qdistill' else '/opt/ros/share/' + package)
sys.path.insert(0, os.path.join(ROOT, 'ros2_ws', 'src', 'qdistill_gazebo'))
module('lifecycle_msgs')
module('lifecycle_msgs.msg', Transition=Transition)


def load(path):
    spec = importlib.util.spec_from_file_location('launch_file', path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded.generate_launch_description().args[0]


def name_of(action):
    return type(action).__name__


def walk(entries, values, result):
    """Visits the actions in order, as launch would."""
    for entry in entries:
        what = name_of(entry)
        if what == 'DeclareLaunchArgument':
            name = entry.args[0]
            default = entry.kwargs.get('default_value')
            result['arguments'].append({'name': name, 'description': entry.kwargs['description'], 'default': default, 'choices': entry.kwargs.get('choices', [])})
            values.setdefault(name, default)
        elif what == 'OpaqueFunction':
            walk(entry.kwargs['function'](values) or [], values, result)
        elif what == 'IncludeLaunchDescription':
            inner = {n: v.perform(values) if isinstance(v, LaunchConfiguration) else v for n, v in entry.kwargs['launch_arguments']}
            if not os.path.exists(entry.args[0].args[0]):
                result.setdefault('included', []).append({'file': entry.args[0].args[0], 'arguments': inner})
                continue
            # As in launch: an included file sees all that is set where it is included.
            inner = {**values, **inner}
            sub = {'arguments': [], 'processes': result['processes'], 'brought_up': result['brought_up']}
            walk(load(entry.args[0].args[0]), inner, sub)
        elif what == 'RegisterEventHandler':
            handler = entry.args[0]
            if name_of(handler) == 'OnProcessStart':
                result['brought_up'].append(handler.kwargs['target_action'].kwargs['name'])
            elif name_of(handler) == 'OnStateTransition' and handler.kwargs.get('goal_state') == 'active':
                result['when_active'] = handler.kwargs['entities']
            elif name_of(handler) == 'OnProcessExit':
                result['ends_all'] = handler.kwargs['target_action'].kwargs['name']
        elif what in ('Node', 'LifecycleNode'):
            result['processes'].append(node(entry))
        elif what == 'ExecuteProcess':
            result['processes'].append({'name': entry.kwargs['name'], 'command': entry.kwargs['cmd'][1:]})


def node(entry):
    k = entry.kwargs
    files = [p for p in k.get('parameters', []) if isinstance(p, str)]
    parameters = {n: v for p in k.get('parameters', []) if isinstance(p, dict) for n, v in p.items()}
    return {
        'name': k['name'], 'package': k['package'], 'executable': k['executable'], 'namespace': k.get('namespace', ''), 'lifecycle': name_of(entry) == 'LifecycleNode',
        'params_files': files, 'parameters': parameters, 'remappings': [list(r) for r in k.get('remappings', [])], 'arguments': k.get('arguments', []),
        'respawn': k.get('respawn', False), 'respawn_delay': k.get('respawn_delay', 0.0), 'output': k['output']}


if __name__ == '__main__':
    told = dict(word.split(':=', 1) for word in sys.argv[2:])
    found = {'arguments': [], 'processes': [], 'brought_up': []}
    walk(load(sys.argv[1]), told, found)
    waiting = found.pop('when_active', [])
    for _ in found['brought_up'] if waiting else []:
        assert not any('command' in p for p in found['processes']), 'started before all nodes were active'
        walk(waiting, told, found)
    print(json.dumps(found))
