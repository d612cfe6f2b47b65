"""Reads package.xml files with ROS's own parser, which refuses what REP 149 does not allow, and prints what it found as JSON. check_packages.py FILE..."""

import json
import sys

from catkin_pkg.package import parse_package

result = []
for file in sys.argv[1:]:
    warnings = []
    package = parse_package(file, warnings=warnings)
    package.validate(warnings=warnings)
    result.append({
        'name': package.name, 'version': package.version, 'format': package.package_format, 'licenses': [str(one) for one in package.licenses],
        'build_type': package.get_build_type(), 'groups': [g.name for g in package.member_of_groups], 'warnings': warnings,
        'run': sorted({d.name for d in package.exec_depends}), 'build': sorted({d.name for d in package.build_depends + package.buildtool_depends})})
print(json.dumps(result))
