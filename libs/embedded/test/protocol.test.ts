import { ApiKey, apis, encodeRequestHeader, ErrorCode, Reader, decodeResponseHeader, decodeApiVersionsResponse, Writer } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import { createTopic } from "./support/requests.ts"
import { SimulatedNode } from "./support/SimulatedNode.ts"

/** A request by hand: a header of the flexible kind if `tags` is given, then the body's bytes. */
function frame(apiKey: number, version: number, clientId: string | null, tags: ReadonlyArray<number> | undefined, body: ReadonlyArray<number>): Buffer {
  const writer = new Writer()
  encodeRequestHeader(writer, { apiKey, apiVersion: version, correlationId: 77, clientId })
  const header = Buffer.concat(writer.finish()).subarray(4)
  const isFlexible = apis.find((it) => it.key === apiKey)!.requestHeaderVersion(version) === 2
  return Buffer.concat([isFlexible ? header.subarray(0, -1) : header, Buffer.from(tags ?? []), Buffer.from(body)])
}

describe("ApiVersions", () => {
  it("answers a version it does not know in the shape of version 0, with error 35 and the whole table", async () => {
    const node = await SimulatedNode.start()
    const client = await node.connect()
    const header = Buffer.from([0, 18, 0, 99, 0, 0, 0, 5, 0, 1, 0x63, 0xff, 0xee])
    const answered: Array<Buffer> = []
    const raw = await node.run(node.net.dial({ host: "127.0.0.1", port: 9092 }))
    raw.onData = (chunk) => answered.push(chunk)
    raw.write([Buffer.from([0, 0, 0, header.length]), header])
    await node.settle()
    const bytes = Buffer.concat(answered)
    const reader = new Reader(bytes, 4)
    expect(bytes.readInt32BE(0)).toBe(bytes.length - 4)
    expect(decodeResponseHeader(reader, ApiKey.ApiVersions, 0)).toBe(5)
    const response = decodeApiVersionsResponse(reader, 0)
    expect([response.errorCode, reader.remainingBytes]).toEqual([35, 0])
    const known = await client.ask("ApiVersions", 3, { clientSoftwareName: "a", clientSoftwareVersion: "1" })
    expect([known.errorCode, response.apiKeys]).toEqual([0, known.apiKeys])
    // The same connection goes on, as clients expect who try a lower version next.
    raw.write([Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 6, 255, 255])])
    await node.settle()
    expect(Buffer.concat(answered).readInt32BE(bytes.length + 4)).toBe(6)
  })

  it.each([
    ["a name with a space", "my client", "1.0"],
    ["a name that ends in a dash", "client-", "1.0"],
    ["an empty version", "client", ""]
  ])("answers INVALID_REQUEST to %s", async (_, clientSoftwareName, clientSoftwareVersion) => {
    const client = await (await SimulatedNode.start()).connect()
    expect((await client.ask("ApiVersions", 3, { clientSoftwareName, clientSoftwareVersion })).errorCode).toBe(ErrorCode.INVALID_REQUEST)
    expect((await client.ask("ApiVersions", 4, { clientSoftwareName: "a.b-c", clientSoftwareVersion: "1.0-rc.1" })).errorCode).toBe(0)
  })
})

describe("requests that are no requests", () => {
  const header = (apiKey: number, version: number): Buffer => Buffer.from([apiKey >> 8, apiKey & 255, version >> 8, version & 255, 0, 0, 0, 9, 255, 255])

  it.each([
    ["an API key that nobody has", header(999, 0)],
    ["an API of Kafka that is not advertised", header(4, 0)],
    ["a version above the range", header(ApiKey.Metadata, 14)],
    ["a version below the range", header(ApiKey.Fetch, 3)],
    ["a negative version", header(ApiKey.Metadata, 0xffff)],
    ["a body that is cut short", header(ApiKey.Metadata, 1)],
    ["half a header", Buffer.from([0, 3, 0])]
  ])("close the connection: %s", async (_, request) => {
    const node = await SimulatedNode.start()
    const client = await node.connect()
    const other = await node.connect()
    client.raw.sendFrame(request)
    await node.settle()
    expect([client.raw.isClosed, client.raw.answers.length]).toEqual([true, 0])
    expect([node.listener.metrics.closedForMalformedRequest, node.listener.metrics.connections]).toEqual([1, 1])
    expect((await other.ask("ApiVersions", 0, {})).errorCode).toBe(0)
  })

  it("close the connection when a frame's length is out of bounds", async () => {
    const node = await SimulatedNode.start({ properties: { "socket.request.max.bytes": "1000" } })
    for (const length of [-1, 0, 1001]) {
      const client = await node.connect()
      const bytes = Buffer.alloc(4)
      bytes.writeInt32BE(length)
      client.raw.sendBytes(bytes)
      await node.settle()
      expect(client.raw.isClosed).toBe(true)
    }
  })
})

describe("request headers", () => {
  it("may have no client id, and tags that nobody knows, in header and body", async () => {
    const node = await SimulatedNode.start()
    const client = await node.connect()
    await createTopic(client, "orders")
    // Metadata 9: one unknown tag (7, two bytes) in the header; all topics, three flags, one unknown tag at the end.
    client.raw.sendFrame(frame(ApiKey.Metadata, 9, null, [1, 7, 2, 0xab, 0xcd], [0, 1, 0, 0, 1, 9, 1, 0xee]))
    await node.settle()
    expect(client.raw.answers.at(-1)).toBe(77)
    expect((await client.ask("Metadata", 12, { topics: null }, { clientId: null })).topics).toHaveLength(1)
    expect(client.raw.isClosed).toBe(false)
  })
})
