import { buildBatch } from "../bench/harness/recordBatch.ts"
import { Encoder } from "../bench/harness/wire.ts"

export interface ValidRequest {
  readonly name: string
  readonly apiKey: number
  readonly version: number
  readonly body: Buffer
  /** Where the first array count stands in the body, for the attack on counts. */
  readonly countAt: number
}

const int32Array = (encoder: Encoder, values: ReadonlyArray<number>): Encoder => encoder.array(values, (value) => encoder.int32(value))

/** A well-formed body for many requests, in versions without tagged fields. None of them deletes or changes anything that another client needs. */
export function validRequests(topic: string): ValidRequest[] {
  const request = (name: string, apiKey: number, version: number, countAt: number, write: (encoder: Encoder) => void): ValidRequest => {
    const encoder = new Encoder()
    write(encoder)
    return { name, apiKey, version, body: encoder.finish(), countAt }
  }
  const partitionsOf = (e: Encoder, each: () => void): void => {
    e.array([topic], () => e.string(topic).array([0], each))
  }
  return [
    request("Produce", 0, 7, 8, (e) => {
      e.string(null).int16(-1).int32(1_000)
      partitionsOf(e, () => e.int32(0).bytes(buildBatch({ values: [Buffer.from("valid")] })))
    }),
    request("Fetch", 1, 11, 25, (e) => {
      e.int32(-1).int32(1).int32(0).int32(65_536).int8(0).int32(0).int32(-1)
      partitionsOf(e, () => e.int32(0).int32(-1).int64(0).int64(-1).int32(65_536))
      e.int32(0).string("")
    }),
    request("ListOffsets", 2, 1, 4, (e) => {
      e.int32(-1)
      partitionsOf(e, () => e.int32(0).int64(-1))
    }),
    request("Metadata", 3, 1, 0, (e) => e.array([topic], (name) => e.string(name))),
    request("OffsetCommit", 8, 2, 27, (e) => {
      e.string("malformed").int32(-1).string("").int64(-1)
      partitionsOf(e, () => e.int32(0).int64(1).string("m"))
    }),
    request("OffsetFetch", 9, 1, 11, (e) => {
      e.string("malformed").array([topic], () => int32Array(e.string(topic), [0]))
    }),
    request("FindCoordinator", 10, 1, -1, (e) => e.string("malformed").int8(0)),
    request("JoinGroup", 11, 2, 31, (e) => {
      e.string("malformed").int32(6_000).int32(6_000).string("").string("consumer").array(["range"], (name) => e.string(name).bytes(Buffer.alloc(8)))
    }),
    request("Heartbeat", 12, 1, -1, (e) => e.string("malformed").int32(1).string("nobody")),
    request("LeaveGroup", 13, 1, -1, (e) => e.string("malformed").string("nobody")),
    request("SyncGroup", 14, 1, 23, (e) => {
      e.string("malformed").int32(1).string("nobody").array(["nobody"], (name) => e.string(name).bytes(Buffer.alloc(8)))
    }),
    request("DescribeGroups", 15, 1, 0, (e) => e.array(["malformed"], (name) => e.string(name))),
    request("ListGroups", 16, 1, -1, () => undefined),
    request("ApiVersions", 18, 0, -1, () => undefined),
    request("InitProducerId", 22, 0, -1, (e) => e.string(null).int32(60_000)),
    request("OffsetForLeaderEpoch", 23, 2, 0, (e) => partitionsOf(e, () => e.int32(0).int32(-1).int32(0))),
    request("DescribeConfigs", 32, 1, 0, (e) => {
      e.array([topic], (name) => e.int8(2).string(name).int32(-1)).int8(0)
    })
  ]
}

/** Requests that make something: only their array counts are attacked, never random bytes of theirs (a flipped bit may ask for a million partitions). */
export function creatingRequests(): ValidRequest[] {
  const create = new Encoder()
  create.array(["never"], () => create.string("never").int32(1).int16(1).int32(0).int32(0)).int32(1_000).int8(1)
  const remove = new Encoder()
  remove.array(["never"], (name) => remove.string(name)).int32(1_000)
  return [
    { name: "CreateTopics", apiKey: 19, version: 2, body: create.finish(), countAt: 0 },
    { name: "DeleteTopics", apiKey: 20, version: 1, body: remove.finish(), countAt: 0 }
  ]
}
