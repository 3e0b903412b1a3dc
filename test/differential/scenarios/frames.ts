import { ApiKey } from "@tailrace/kafka-protocol"
import { Encoder } from "../../bench/harness/wire.ts"
import type { AskOptions, Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

/** Frames that no client sends: what is answered, and whether the connection stays open. */
export const frames: Scenario = {
  name: "frames",
  async run(peer) {
    await unsupported(peer)
    await broken(peer)
    await lengths(peer)
    await order(peer)
  }
}

function frame(apiKey: number, version: number, correlationId: number, body: Buffer, clientId: string | null = "x"): Buffer {
  const header = new Encoder().int16(apiKey).int16(version).int32(correlationId).string(clientId)
  return sized(Buffer.concat([header.finish(), body]))
}

const sized = (content: Buffer): Buffer => new Encoder().int32(content.length).raw(content).finish()

/** Sends a frame on a connection of its own, then asks something ordinary on it. */
async function alone(peer: Peer, label: string, make: (correlationId: number) => Buffer, as?: AskOptions["as"], waitMillis = 800): Promise<void> {
  const correlationId = peer.nextCorrelationId()
  await peer.send(label, make(correlationId), correlationId, { on: "alone", waitMillis, as })
  const wire = await peer.wire("alone")
  peer.note(`bytes: ${label}, then`, (await isOpen(peer, "alone")) && !wire.isClosed ? "still open" : "closed")
  peer.drop("alone")
}

async function isOpen(peer: Peer, on: string): Promise<boolean> {
  const wire = await peer.wire(on)
  const correlationId = peer.nextCorrelationId()
  wire.write(frame(ApiKey.ListGroups, 0, correlationId, Buffer.alloc(0)))
  return typeof await wire.answer(correlationId, 800) !== "string"
}

async function unsupported(peer: Peer): Promise<void> {
  for (const version of [5, 99, 32767, -1, -32768]) await alone(peer, `ApiVersions v${version}`, (id) => frame(ApiKey.ApiVersions, version, id, Buffer.alloc(0)), ["ApiVersions", 0])
  for (const version of [5, 99]) await alone(peer, `ApiVersions v${version} with a body`, (id) => frame(ApiKey.ApiVersions, version, id, Buffer.from("000261026200", "hex")), ["ApiVersions", 0])
  for (const [name, key] of Object.entries({ Produce: 0, Fetch: 1, ListOffsets: 2, Metadata: 3, OffsetCommit: 8, FindCoordinator: 10, CreateTopics: 19, DescribeCluster: 60 })) {
    for (const version of [99, -1]) await alone(peer, `${name} v${version}`, (id) => frame(key, version, id, Buffer.alloc(0)))
  }
  for (const [key, version] of [[0, 2], [0, 0], [1, 3], [2, 0], [8, 1], [9, 0], [23, 1]] as const) await alone(peer, `an old version: ${key} v${version}`, (id) => frame(key, version, id, Buffer.alloc(0)))
  for (const key of [4, 5, 6, 7, 56, 58, 62, 63, 70, 82, 93, 200, 32767, -1]) await alone(peer, `api ${key}`, (id) => frame(key, 0, id, Buffer.alloc(0)))
}

async function broken(peer: Peer): Promise<void> {
  await alone(peer, "Metadata without a body", (id) => frame(ApiKey.Metadata, 1, id, Buffer.alloc(0)), ["Metadata", 1])
  await alone(peer, "Metadata of too many topics", (id) => frame(ApiKey.Metadata, 1, id, Buffer.from("7fffffff", "hex")), ["Metadata", 1])
  await alone(peer, "Metadata of -2 topics", (id) => frame(ApiKey.Metadata, 1, id, Buffer.from("fffffffe", "hex")), ["Metadata", 1])
  await alone(peer, "Metadata cut off", (id) => frame(ApiKey.Metadata, 1, id, Buffer.from("000000010005", "hex")), ["Metadata", 1])
  await alone(peer, "Metadata with a null name", (id) => frame(ApiKey.Metadata, 1, id, Buffer.from("00000001ffff", "hex")), ["Metadata", 1])
  await alone(peer, "Metadata and more bytes", (id) => frame(ApiKey.Metadata, 1, id, Buffer.from("0000000001020304", "hex")), ["Metadata", 1])
  await alone(peer, "FindCoordinator and more bytes", (id) => frame(ApiKey.FindCoordinator, 0, id, Buffer.from("00017801", "hex")), ["FindCoordinator", 0])
  await alone(peer, "Heartbeat with a null group", (id) => frame(ApiKey.Heartbeat, 0, id, Buffer.from("ffff00000001000178", "hex")))
  await alone(peer, "a name that is not UTF-8", (id) => frame(ApiKey.FindCoordinator, 0, id, Buffer.from("0002fffe", "hex")), ["FindCoordinator", 0])
  await alone(peer, "a null client id", (id) => frame(ApiKey.FindCoordinator, 0, id, Buffer.from("000178", "hex"), null), ["FindCoordinator", 0])
  await alone(peer, "an empty client id", (id) => frame(ApiKey.FindCoordinator, 0, id, Buffer.from("000178", "hex"), ""), ["FindCoordinator", 0])
  await alone(peer, "a client id of length -2", (id) => sized(new Encoder().int16(10).int16(0).int32(id).int16(-2).raw(Buffer.from("000178", "hex")).finish()), ["FindCoordinator", 0])
  await alone(peer, "a header cut off", () => sized(Buffer.from("0012", "hex")))
  await alone(peer, "a negative correlation id", () => frame(ApiKey.FindCoordinator, 0, -5, Buffer.from("000178", "hex")), ["FindCoordinator", 0])
  for (const [label, tags] of [["an unknown tag", "01630100"], ["a tag twice", "0201000100"], ["tags in a wrong order", "0205000100"], ["a tag that is too long", "010164"]] as const) {
    await alone(peer, `${label} in a header`, (id) => flexible(id, Buffer.from(tags, "hex"), Buffer.from("02780000", "hex")), ["FindCoordinator", 3])
    await alone(peer, `${label} in a body`, (id) => flexible(id, Buffer.from("00", "hex"), Buffer.concat([Buffer.from("027800", "hex"), Buffer.from(tags, "hex")])), ["FindCoordinator", 3])
  }
}

/** FindCoordinator v3, the first with tagged fields. */
function flexible(correlationId: number, headerTags: Buffer, body: Buffer): Buffer {
  const header = new Encoder().int16(ApiKey.FindCoordinator).int16(3).int32(correlationId).string("x").raw(headerTags).finish()
  return sized(Buffer.concat([header, body]))
}

async function lengths(peer: Peer): Promise<void> {
  for (const length of ["00000000", "ffffffff", "80000000", "7fffffff", "06400001", "00000001", "00000007"]) await alone(peer, `frame length ${length}`, () => Buffer.from(`${length}00`, "hex"), undefined, 500)
  await alone(peer, "an HTTP request", () => Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), undefined, 500)
  await alone(peer, "a TLS hello", () => Buffer.from("16030100a5010000a1030300000000000000000000000000000000", "hex"), undefined, 500)
}

/** Answers come in the order of the requests, whatever takes how long. */
async function order(peer: Peer): Promise<void> {
  await peer.topic("frames", 1)
  const wire = await peer.wire("order")
  const ids: Array<number> = []
  const send = (apiKey: number, version: number, body: Encoder): void => {
    const id = peer.nextCorrelationId()
    ids.push(id)
    wire.write(frame(apiKey, version, id, body.finish()))
  }
  const fetch = new Encoder().int32(-1).int32(300).int32(1_000).int32(1_000).int8(0).int32(1).string("frames").int32(1).int32(0).int64(0).int32(1_000)
  send(ApiKey.Fetch, 4, fetch)
  send(ApiKey.ListGroups, 0, new Encoder())
  send(ApiKey.FindCoordinator, 0, new Encoder().string("x"))
  send(ApiKey.ApiVersions, 0, new Encoder())
  await wire.answer(ids.at(-1)!, 5_000)
  peer.note("order of answers behind a long fetch", wire.arrived.map((id) => ids.indexOf(id)))
  peer.note("frames come to an end", (await isOpen(peer, "order")) ? "open" : "closed")
}
