"""
Reads SDF files with libsdformat, the parser of Gazebo (Debian's version 12, which knows SDF up to 1.9), and prints for each what it found wrong, as JSON: an empty list is a
valid file. Includes (model://NAME) are looked for in the folder that is given.

    check_sdf.py MODELS FILE...
"""

import ctypes
import json
import os
import sys
import tempfile

os.environ['SDF_PATH'] = sys.argv[1]
library = ctypes.CDLL('libsdformat12.so.12')
result = []
for file in sys.argv[2:]:
    # The library writes to the process's own streams.
    with tempfile.TemporaryFile() as said:
        sys.stdout.flush()
        kept = [os.dup(1), os.dup(2)]
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        code = library.cmdCheck(os.fsencode(file))
        ctypes.CDLL(None).fflush(None)
        for to, fd in enumerate(kept, 1):
            os.dup2(fd, to)
            os.close(fd)
        said.seek(0)
        lines = said.read().decode(errors='replace').splitlines()
    result.append([line for line in lines if line.strip() != 'Valid.'] + ([] if code == 0 else [f'exit code {code}']))
print(json.dumps(result))
