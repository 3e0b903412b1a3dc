import { ClientError, KafkaError } from "@tailrace/client"
import { ErrorCode } from "@tailrace/kafka-protocol"
import { VirtualClock } from "@tailrace/runtime/simulated"
import { assert, describe, it } from "vitest"
import { classifiedErrors } from "../src/classifyError.ts"
import { classifyError, failureOf, History, HistoryFormatError, HistoryText } from "../src/index.ts"

describe("History", () => {
  it("keeps the order of beginnings, and leaves open what has not ended", () => {
    const clock = new VirtualClock()
    const ended: Array<string> = []
    const history = new History(clock, { onOperation: ({ process }) => ended.push(process) })
    const a = history.invoke({ process: "a", f: "send", records: [{ key: "x/0", offset: -1, value: "1" }], meta: { acks: "all" } })
    clock.advance(5)
    const b = history.invoke({ process: "b", f: "send", meta: { acks: 1 } })
    history.invoke({ process: "c", f: "poll" })
    b.complete({ type: "info", error: "timeout", meta: { attempts: 2 } })
    clock.advance(5)
    a.complete({ type: "ok", records: [{ key: "x/0", offset: 7, value: "1" }] })
    assert.deepStrictEqual(ended, ["b", "a"])
    assert.strictEqual(history.openOperations, 1)
    assert.deepStrictEqual(history.operations.map(({ process, type, invokeMillis, completeMillis, invokeIndex, completeIndex }) =>
      [process, type, invokeMillis, completeMillis, invokeIndex, completeIndex]), [
      ["a", "ok", 0, 10, 0, 4], ["b", "info", 5, 5, 1, 3], ["c", "info", 5, 5, 2, Number.MAX_SAFE_INTEGER]
    ])
    assert.deepStrictEqual(history.operations[1]?.meta, { acks: 1, attempts: 2 })
    assert.throws(() => a.complete({ type: "ok" }), /ends twice/)
  })

  it("gives each process a name of its own", () => {
    const history = new History(new VirtualClock())
    history.record({ process: "a", f: "fault" })
    assert.deepStrictEqual(["a", "b", "a", "b", "a.2"].map((name) => history.claimProcess(name)), ["a.2", "b", "a.3", "b.2", "a.2.2"])
  })

  it("is bounded", () => {
    const history = new History(new VirtualClock(), { operationsMax: 1 })
    history.record({ process: "a", f: "fault" })
    assert.throws(() => history.invoke({ process: "a", f: "fault" }), /at most 1/)
  })
})

describe("HistoryText", () => {
  const header = '{"format":"tailrace-history","version":1}\n'
  const line = '{"process":"p","f":"send","type":"ok","invokeMillis":1,"completeMillis":2,"records":[{"key":"x/0","offset":3,"value":"v"}]}\n'

  it("reads what another program wrote: without indexes, in any order, with fields that it does not know", () => {
    const { header: read, operations } = HistoryText.read(
      '{"format":"tailrace-history","version":1,"seed":7,"unknown":[]}\n\n'
      + '{"process":"c","f":"poll","type":"ok","invokeMillis":2,"completeMillis":3,"who":"knows"}\n' + line.trimEnd())
    assert.strictEqual(read["seed"], 7)
    // At the same moment what begins may still be concurrent with what ends.
    assert.deepStrictEqual(operations.map(({ process, invokeIndex, completeIndex }) => [process, invokeIndex, completeIndex]), [["p", 0, 2], ["c", 1, 3]])
    assert.deepStrictEqual(operations[0], {
      process: "p", f: "send", type: "ok", invokeMillis: 1, completeMillis: 2, invokeIndex: 0, completeIndex: 2,
      records: [{ key: "x/0", offset: 3, value: "v" }], marks: [], keys: [], meta: {}
    })
  })

  it("writes a history in parts, of which none is too long for a text", () => {
    const value = "v".repeat(3 << 20)
    const operations = Array.from({ length: 5 }, (_, offset) =>
      new History(new VirtualClock()).record({ process: "p", f: "send", records: [{ key: "x/0", offset, value }] }))
    const chunks = [...HistoryText.chunks(operations, { seed: 1 })]
    assert.isAbove(chunks.length, 1)
    for (const chunk of chunks) assert.isBelow(chunk.length, 5 << 20)
    assert.strictEqual(chunks.join(""), HistoryText.write(operations, { seed: 1 }))
    assert.deepStrictEqual([...HistoryText.chunks([], { seed: 1 })], [HistoryText.headerLine({ seed: 1 })])
  })

  it.each([
    ["", 1, "no first line"],
    ["{}\n", 1, "format"],
    ['{"format":"tailrace-history","version":2}\n', 1, "version 2"],
    [`${header}{`, 2, "not JSON"],
    [`${header}[]`, 2, "not an object"],
    [`${header}\n${line}{"process":""}`, 4, "process is not a text"],
    [header + line.replace('"send"', '"sent"'), 2, "f is none of"],
    [header + line.replace('"ok"', '"maybe"'), 2, "type is none of"],
    [header + line.replace("1,", '"1",'), 2, "invokeMillis is not a number"],
    [header + line.replace('"completeMillis":2', '"completeMillis":0'), 2, "before invokeMillis"],
    [header + line.replace('"offset":3', '"offset":3.5'), 2, "offset is not an offset"],
    [header + line.replace('"records":[', '"records":{"a":['), 2, "not JSON"],
    [header + line.replace('"records":[', '"marks":[{"kind":"x"}],"records":['), 2, "kind is none of"],
    [header + line.replace('"records":[', '"keys":[1],"records":['), 2, "keys holds"]
  ])("refuses %j", (text, lineNumber, fault) => {
    try {
      HistoryText.read(text)
      assert.fail("it was read")
    } catch (error) {
      assert.instanceOf(error, HistoryFormatError)
      assert.strictEqual(error.line, lineNumber)
      assert.include(error.fault, fault)
    }
  })
})

describe("classifyError", () => {
  it("lists every code of Kafka exactly once", () => {
    const all = Object.entries(ErrorCode).filter(([, code]) => typeof code === "number" && code !== 0).map(([name]) => name)
    assert.deepStrictEqual([...classifiedErrors].toSorted(), all.toSorted())
  })

  it("calls unknown what can follow an append", () => {
    for (const code of [
      ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.REQUEST_TIMED_OUT, ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND, 9_999
    ]) assert.strictEqual(classifyError(code), "info")
    for (const code of [ErrorCode.NOT_ENOUGH_REPLICAS, ErrorCode.MESSAGE_TOO_LARGE, ErrorCode.ILLEGAL_GENERATION]) {
      assert.strictEqual(classifyError(code), "fail")
    }
    assert.throws(() => classifyError(0))
  })

  it("tells what our client's errors leave open", () => {
    assert.deepStrictEqual(failureOf(new KafkaError(19)), { type: "fail", errorCode: 19, error: "NOT_ENOUGH_REPLICAS" })
    assert.deepStrictEqual(failureOf(new ClientError("outcome-unknown", "")), { type: "info", error: "outcome-unknown" })
    assert.deepStrictEqual(failureOf(new ClientError("buffer-full", "")), { type: "fail", error: "buffer-full" })
    assert.throws(() => failureOf(new TypeError("ours")), /ours/)
  })
})
