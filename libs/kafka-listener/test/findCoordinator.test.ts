import { NotAvailable } from "@tailrace/contracts"
import * as protocol from "@tailrace/kafka-protocol"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { expect, it } from "vitest"
import { Fixture } from "./Fixture.ts"

const findCoordinator = { encode: protocol.encodeFindCoordinatorRequest, decode: protocol.decodeFindCoordinatorResponse }

const ask = async (fixture: Fixture, coordinatorKeys: ReadonlyArray<string>) => {
  const client = await fixture.connect()
  return (await fixture.ask(client, ApiKey.FindCoordinator, 4, findCoordinator, { keyType: 0, coordinatorKeys })).coordinators
}

it("asks for all keys of a request together, and once for those that are equal", async () => {
  const fixture = await Fixture.start({}, { windowBytes: 1 << 20 })
  let lists = 0
  const { brokers } = fixture.broker.metadata
  Object.defineProperty(fixture.broker.metadata, "brokers", { get: () => {
    lists++
    return brokers
  } })
  const keys = Array.from({ length: 5_000 }, (_, i) => `g${i % 3}`)
  const coordinators = await ask(fixture, keys)
  expect(coordinators.map(({ key }) => key)).toEqual(keys)
  expect(coordinators.every(({ errorCode, host }) => errorCode === ErrorCode.NONE && host === "host1")).toBe(true)
  expect([fixture.broker.groupsFound, lists]).toEqual([[["g0", "g1", "g2"]], 1])
})

it("answers for 10,000 groups, and has clients ask again for those behind them", async () => {
  const fixture = await Fixture.start({}, { windowBytes: 1 << 20 })
  const coordinators = await ask(fixture, [...Array.from({ length: 10_001 }, (_, i) => `g${i}`), "g0"])
  expect(fixture.broker.groupsFound.map((found) => found.length)).toEqual([10_000])
  expect(coordinators.map(({ errorCode }) => errorCode).indexOf(ErrorCode.COORDINATOR_NOT_AVAILABLE)).toBe(10_000)
  expect(coordinators.at(-1)).toMatchObject({ key: "g0", errorCode: ErrorCode.NONE, nodeId: 1 })
})

it("asks nobody where a request names no group, and tells of what cannot be asked", async () => {
  const fixture = await Fixture.start()
  expect([await ask(fixture, []), fixture.broker.groupsFound]).toEqual([[], []])
  fixture.broker.groups.find = () => Promise.reject(new NotAvailable("groups", ErrorCode.NOT_CONTROLLER))
  expect((await ask(fixture, ["a", "b"])).map(({ errorCode }) => errorCode))
    .toEqual([ErrorCode.COORDINATOR_NOT_AVAILABLE, ErrorCode.COORDINATOR_NOT_AVAILABLE])
})
