"""What the launch files of this package share."""

import os
import xml.etree.ElementTree as ElementTree

from ament_index_python.packages import get_package_share_directory
from launch.actions import EmitEvent, ExecuteProcess, IncludeLaunchDescription, RegisterEventHandler
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.actions import Node


def world_file(share, world):
    """A world's file, also where only the name of a shipped one is given."""
    if '/' in world or world.endswith('.sdf'):
        if not os.path.exists(world):
            raise RuntimeError(f"world file '{world}' does not exist")
        return world
    folder = os.path.join(share, 'worlds')
    file = os.path.join(folder, world + '.sdf')
    if not os.path.exists(file):
        known = ', '.join(sorted(f[:-4] for f in os.listdir(folder) if f.endswith('.sdf')))
        raise RuntimeError(f"there is no world '{world}'; known are {known}, or give an SDF file")
    return file


def gazebo(world, seed, gui, headless):
    """Gazebo itself, running; its end ends the launch."""
    words = ['-r', '--seed', str(seed)]
    if headless:
        words += ['-s', '--headless-rendering']
    elif not gui:
        words += ['-s']
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(os.path.join(get_package_share_directory('ros_gz_sim'), 'launch', 'gz_sim.launch.py')),
        launch_arguments=[('gz_args', ' '.join(words + ["'" + world + "'"])), ('on_exit_shutdown', 'true')])


def spawn(model, name, pose):
    """Sets a model down in the world that runs. pose: x, y, z [m], yaw [rad], as text."""
    x, y, z, yaw = pose
    return Node(
        package='ros_gz_sim', executable='create', name='create_' + name, output='screen',
        arguments=['-name', name, '-file', model, '-x', x, '-y', y, '-z', z, '-Y', yaw])


def bridge(config):
    """The bridge between Gazebo and ROS."""
    return Node(
        package='ros_gz_bridge', executable='parameter_bridge', name='bridge', output='screen',
        parameters=[{'config_file': config, 'use_sim_time': True}])


def own(executable, namespace, remappings=(), **parameters):
    """A node of this package, on simulated time."""
    return Node(
        package='qdistill_gazebo', executable=executable, name=executable, namespace=namespace, output='screen',
        parameters=[{'use_sim_time': True, **parameters}], remappings=list(remappings))


def sensor_frames(model):
    """Static transforms to the frames that Gazebo gives its sensors, MODEL/LINK/SENSOR, read from the model itself; contact sensors have none."""
    root = ElementTree.parse(model).getroot().find('model')
    nodes = []
    for link in root.iter('link'):
        for sensor in link.iter('sensor'):
            if sensor.get('type') == 'contact':
                continue
            x, y, z, roll, pitch, yaw = sensor.findtext('pose', '0 0 0 0 0 0').split()
            nodes.append(Node(
                package='tf2_ros', executable='static_transform_publisher', name='frame_of_' + sensor.get('name'), output='screen',
                arguments=['--x', x, '--y', y, '--z', z, '--roll', roll, '--pitch', pitch, '--yaw', yaw,
                           '--frame-id', link.get('name'), '--child-frame-id', '/'.join((root.get('name'), link.get('name'), sensor.get('name')))],
                parameters=[{'use_sim_time': True}]))
    return nodes


def onboard(robot, namespace, arguments):
    """QDistill's nodes that fly, for a robot that it ships."""
    return IncludeLaunchDescription(
        PythonLaunchDescriptionSource(os.path.join(get_package_share_directory('qdistill'), 'launch', 'onboard.launch.py')),
        launch_arguments=[('robot', robot), ('namespace', namespace), ('use_sim_time', 'true'), *arguments])


def recorder(bag, topics):
    """Records a bag on simulated time, so that its durations are those of the world however slowly it runs."""
    if os.path.exists(bag):
        raise RuntimeError(f"'{bag}' exists already; give a folder that does not")
    return ExecuteProcess(cmd=['ros2', 'bag', 'record', '--storage', 'mcap', '--output', bag, '--use-sim-time', '--topics', *topics], name='record', output='screen')


def stop_after(seconds):
    """Ends everything after so many simulated seconds."""
    timer = own('stop_after', '', seconds=seconds)
    return [timer, RegisterEventHandler(OnProcessExit(target_action=timer, on_exit=[EmitEvent(event=Shutdown(reason='the time is up'))]))]
