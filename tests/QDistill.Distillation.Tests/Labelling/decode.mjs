// Decodes every message of a bag file from the definitions inside it: @mcap/core reads the file, @foxglove/rosmsg the definitions, a reader of little-endian XCDR1 the rest.
// Prints one JSON line per message: {"topic", "time", "value"}.
import { readFile } from "node:fs/promises";
import { McapStreamReader } from "@mcap/core";
import { parse } from "@foxglove/rosmsg";
import * as fzstd from "fzstd";

const reader = new McapStreamReader({ decompressHandlers: { zstd: (data, size) => fzstd.decompress(data, new Uint8Array(Number(size))) }, validateCrcs: true });
reader.append(await readFile(process.argv[2]));
const schemas = new Map(), channels = new Map();
const sizes = { bool: 1, int8: 1, uint8: 1, byte: 1, char: 1, int16: 2, uint16: 2, int32: 4, uint32: 4, float32: 4, int64: 8, uint64: 8, float64: 8 };
const getters = { bool: "getUint8", int8: "getInt8", uint8: "getUint8", byte: "getUint8", char: "getUint8", int16: "getInt16", uint16: "getUint16", int32: "getInt32", uint32: "getUint32", float32: "getFloat32", int64: "getBigInt64", uint64: "getBigUint64", float64: "getFloat64" };

function decode(definitions, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset + 4, bytes.byteLength - 4);
  if (bytes[1] !== 1) throw new Error("not little-endian CDR");
  let at = 0;
  const number = (type) => {
    const size = sizes[type];
    at = Math.ceil(at / size) * size;
    const value = view[getters[type]](at, true);
    at += size;
    return typeof value === "bigint" ? value.toString() : value;
  };
  const text = () => {
    const length = number("uint32"), from = at;
    at += length;
    return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + from, length - 1));
  };
  const struct = (definition) => Object.fromEntries(definition.definitions.filter((f) => !f.isConstant).map((f) => {
    const one = () => f.isComplex ? struct(definitions.find((d) => d.name === f.type)) : f.type === "string" ? text() : f.type === "time" || f.type === "duration" ? { sec: number("int32"), nanosec: number("uint32") } : number(f.type);
    return [f.name, f.isArray ? Array.from({ length: f.arrayLength ?? number("uint32") }, one) : one()];
  }));
  const value = struct(definitions[0]);
  if (at !== view.byteLength) throw new Error(`${view.byteLength - at} bytes are left over`);
  return value;
}

for (let record; (record = reader.nextRecord()); ) {
  if (record.type === "Schema") schemas.set(record.id, parse(new TextDecoder().decode(record.data), { ros2: true }));
  else if (record.type === "Channel") channels.set(record.id, record);
  else if (record.type === "Message") {
    const channel = channels.get(record.channelId);
    console.log(JSON.stringify({ topic: channel.topic, time: record.logTime.toString(), value: decode(schemas.get(channel.schemaId), record.data) }));
  }
}
if (!reader.done()) throw new Error("the file does not end with a footer");
