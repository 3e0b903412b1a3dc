import type { ControlFormat } from "./ControlFormat.ts"
import { ByteReader } from "./internal/ByteReader.ts"
import { ByteWriter } from "./internal/ByteWriter.ts"
import { readConfiguration, writeConfiguration, writeKey, writeKeys } from "./internal/fields.ts"

const version = 1

/** The core's own entries in a form of its own, for logs that are no Kafka partition. */
export const binaryControlFormat: ControlFormat = {
  leaderChange({ term }, leader, voters) {
    const writer = new ByteWriter(64)
    writer.byte(version)
    writeKey(writer, leader)
    writer.natural(term)
    writeKeys(writer, voters)
    return writer.finish()
  },
  configuration(_place, configuration) {
    const writer = new ByteWriter(128)
    writer.byte(version)
    writeConfiguration(writer, configuration)
    return writer.finish()
  },
  readConfiguration(data) {
    const reader = new ByteReader(data)
    if (reader.byte() !== version) throw new Error("assertion: a configuration of another version in the log")
    return readConfiguration(reader)
  }
}
