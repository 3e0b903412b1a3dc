import { MemoryHub } from "@tailrace/bus/memory"
import { encodeControllerCallResponse, ErrorCode, Writer } from "@tailrace/kafka-protocol"
import { LineLogger, MemorySink } from "@tailrace/runtime"
import { VirtualClock } from "@tailrace/runtime/simulated"
import { expect, it } from "vitest"
import { ControllerClient, type ControllerClientOptions } from "../src/controller/ControllerClient.ts"

const heartbeat = { brokerId: 1, brokerEpoch: 5, metadataOffset: 9, wantFence: false, wantShutDown: false, commitSequence: 0 }

/** An answer that is right on the outside, with this in it. */
const answerWith = (body: Buffer): Buffer => {
  const writer = new Writer()
  writer.int16(0)
  encodeControllerCallResponse(writer, 0, { errorCode: ErrorCode.NONE, controllerId: 2, controllerEpoch: 1, metadataOffset: 9, body })
  return writer.body()
}

it.each([
  ["nothing at all", Buffer.alloc(0)],
  ["a version that nobody knows", Buffer.from([0, 99, 0, 0])],
  ["a count beyond the end", answerWith(Buffer.from([0xff]))]
])("an answer of the controller that is malformed (%s) tells no outcome, and is written down", async (_, reply) => {
  const clock = new VirtualClock()
  const hub = new MemoryHub({ clock, onHandlerFailure: () => undefined })
  hub.connect("2").serve("test.2.controller", () => reply)
  const sink = new MemorySink()
  const client = new ControllerClient({
    clusterName: "test", nodeId: 1, brokerEpoch: () => 5, bus: hub.connect("1"), clock, logger: new LineLogger({ clock, sink }),
    actor: { isActive: false }, quorum: { status: { leader: { nodeId: 2 } } }, applied: { reached: () => Promise.resolve(true) }
  } as unknown as ControllerClientOptions)
  const called = client.call("brokerHeartbeat", heartbeat, 1_000).then(() => "answered", (cause: unknown) => cause)
  await clock.advanceSettled(10)
  expect(await called).toMatchObject({ _tag: "NotAvailable", errorCode: ErrorCode.REQUEST_TIMED_OUT })
  expect(sink.lines.filter((line) => line.includes("malformed")).length).toBe(1)
})
