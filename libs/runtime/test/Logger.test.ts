import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { describe, expect, it } from "vitest"
import { FileSink } from "../src/FileSink.ts"
import { LineLogger, type LineLoggerOptions } from "../src/LineLogger.ts"
import { MemorySink } from "../src/MemorySink.ts"
import { SystemClock } from "../src/SystemClock.ts"
import { VirtualClock } from "../src/VirtualClock.ts"

const logTo = (options: Partial<LineLoggerOptions> = {}) => {
  const sink = new MemorySink()
  return { sink, logger: new LineLogger({ clock: new VirtualClock({ wallMillis: 0 }), sink, ...options }) }
}

class RecoveryFailed extends Error {
  readonly _tag = "RecoveryFailed"
  readonly partition: number
  constructor(partition: number, cause: unknown) {
    super("batch 3 is torn", { cause })
    this.name = "RecoveryFailed"
    this.partition = partition
  }
}

describe("LineLogger", () => {
  it("writes JSON lines with the fields of parent and child, which cannot pass for its own", () => {
    const { sink, logger } = logTo()
    logger.child({ nodeId: 1, level: "forged" }).child({ topic: "orders" }).info("became leader", { partition: 3, leaderEpoch: 7 })
    expect(sink.lines).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"became leader","nodeId":1,"topic":"orders","partition":3,"leaderEpoch":7}'
    ])
  })

  it("is quiet below its level, and tells so beforehand", () => {
    const { sink, logger } = logTo()
    logger.debug("not this")
    logTo({ level: "off" }).logger.error("nor this")
    expect(sink.lines).toEqual([])
    expect([logger.isEnabled("debug"), logger.isEnabled("info")]).toEqual([false, true])
  })

  it("writes errors with tag, fields, stack and causes", () => {
    const { sink, logger } = logTo()
    logger.error("recovery failed", { error: new RecoveryFailed(2, new Error("EIO")) })
    const { error } = JSON.parse(sink.lines[0]!)
    expect(error).toMatchObject({ _tag: "RecoveryFailed", partition: 2, message: "batch 3 is torn", cause: { message: "EIO" } })
    expect(error.stack).toContain("Logger.test.ts")
  })

  it("survives whatever it is given, within bounds", () => {
    const { sink, logger } = logTo()
    const circular: Record<string, unknown> = { big: 2n ** 70n, bytes: Buffer.alloc(9), nan: Number.NaN, none: undefined, f: () => {} }
    circular.self = circular
    Object.defineProperty(circular, "trap", { enumerable: true, get: () => { throw new Error("no") } })
    logger.info("x".repeat(100_000), { circular, list: Array(10_000).fill("y".repeat(10_000)) })
    const entry = JSON.parse(sink.lines[0]!)
    expect(entry.circular).toMatchObject({ big: "1180591620717411303424", bytes: "<9 bytes>", nan: "NaN", f: "<function>" })
    expect(sink.lines[0]!.length).toBeLessThan(500_000)
  })

  it("writes for people, one line whatever a client called its topic", () => {
    const { sink, logger } = logTo({ format: "human" })
    logger.warn("truncated\nlog", { topic: "a\u001b[2J b\n", toOffset: 12, ids: [1, 2] })
    expect(sink.lines).toEqual([
      '1970-01-01T00:00:00.000Z WARN  truncated\\nlog topic="a\\u001b[2J b\\n" toOffset=12 ids=[1,2]'
    ])
  })
})

describe("standardLogger", () => {
  it("writes to the standard error output, JSON into a pipe, all of it before the process ends", () => {
    const program = `import { standardLogger, SystemClock } from "@tailrace/runtime"
      const logger = standardLogger({ clock: new SystemClock(), level: "warn" })
      logger.info("quiet")
      logger.error("last words", { code: 7 })
      process.exit(3)`
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8" })
    expect([status, stdout]).toEqual([3, ""])
    expect(JSON.parse(stderr)).toMatchObject({ level: "error", message: "last words", code: 7 })
  })
})

describe("FileSink", () => {
  const withFile = async (use: (fileDescriptor: number, read: () => string) => Promise<void>) => {
    const directory = mkdtempSync(join(tmpdir(), "tailrace-log-"))
    const fileDescriptor = openSync(join(directory, "log"), "a")
    try {
      await use(fileDescriptor, () => readFileSync(join(directory, "log"), "utf8"))
    } finally {
      closeSync(fileDescriptor)
      rmSync(directory, { recursive: true })
    }
  }

  it("writes after the turn, in order, and the rest when it is closed", () =>
    withFile(async (fileDescriptor, read) => {
      const sink = new FileSink({ clock: new SystemClock(), fileDescriptor })
      sink.write("one")
      sink.write("two")
      expect(read()).toBe("")
      while (read() === "") await new Promise((resolve) => setImmediate(resolve))
      sink.write("three")
      sink.close()
      expect(read()).toBe("one\ntwo\nthree\n")
    }))

  it("drops and counts what its buffer cannot hold", () =>
    withFile(async (fileDescriptor, read) => {
      const sink = new FileSink({ clock: new VirtualClock(), fileDescriptor, bufferBytesMax: 20 })
      for (let n = 0; n < 5; n++) sink.write("12345678")
      sink.close()
      expect(read()).toBe('12345678\n12345678\n{"level":"warn","message":"log lines dropped","lines":3}\n')
    }))

  it.skipIf(process.platform === "win32")("loses no line where the reader of a pipe is behind, at the end neither", async () => {
    const program = `import { FileSink, SystemClock } from "@tailrace/runtime"
      const sink = new FileSink({ clock: new SystemClock() })
      let line = 0
      const timer = setInterval(() => {
        for (let n = 0; n < 500; n++) sink.write(line++ + " ".repeat(100))
        if (line === 4_000) process.stdout.write("written")
        if (line === 5_000) process.exit()
      }, 1)`
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname })
    await once(child.stdout, "data")
    const numbers: Array<number> = []
    for await (const line of createInterface({ input: child.stderr })) numbers.push(Number.parseInt(line, 10))
    expect(numbers).toEqual(Array.from({ length: 5_000 }, (_, n) => n))
  })
})
