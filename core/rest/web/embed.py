#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a header of files, for get_web.c: embed.py OUT FILE… defines web_openapi_json[] for openapi.json."""
import os
import re
import sys


def main(out, *paths):
    with open(out, "w", encoding="ascii") as header:
        header.write("/* Made by embed.py. */\n")
        for path in paths:
            with open(path, "rb") as file:
                data = file.read()
            name = re.sub(r"\W", "_", os.path.basename(path))
            header.write("static const unsigned char web_%s[] = {\n" % name)
            for i in range(0, len(data), 20):
                header.write(",".join("%d" % byte for byte in data[i:i + 20]) + ",\n")
            header.write("};\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
