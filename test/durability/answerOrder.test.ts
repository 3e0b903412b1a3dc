import { describe, expect, it } from "vitest"
import { checkAnswerOrder } from "./answerOrder.ts"
import { parseStraceLog } from "./straceLog.ts"

const markers = new Map([[5000, ["MARK-0-0-MARK"]]])
const check = (lines: ReadonlyArray<string>): string => checkAnswerOrder(parseStraceLog(lines.join("\n")), markers)

const read = '10 1.0 read(20<TCP:[127.0.0.1:9092->127.0.0.1:5000]>, "..MARK-0-0-MARK..", 65536) = 90'
const write = '11 1.1 pwrite64(7</data/data.mdb>, "\\0\\0MARK-0-0-MARK", 4096, 8192) = 4096'
const flushBegins = "11 1.2 fdatasync(7</data/data.mdb> <unfinished ...>"
const flushEnds = "11 1.4 <... fdatasync resumed>) = 0 (DELAYED)"
const answer = '10 1.5 writev(20<TCP:[127.0.0.1:9092->127.0.0.1:5000]>, [{iov_base="\\0", iov_len=50}], 1) = 50'
const otherAnswer = '10 1.3 write(21<TCP:[127.0.0.1:9092->127.0.0.1:5001]>, "\\0", 50) = 50'

describe("the order of flush and answer in a trace", () => {
  it("accepts an answer behind the flush that covers it", () => {
    expect(check([read, write, flushBegins, otherAnswer, flushEnds, answer])).toBe("1 produces, 1 of them seen on their way to a file, 1 flushes")
  })

  it("accepts a flush on one line, and addresses of version 6", () => {
    const six = (line: string): string => line.replace("<TCP:[127.0.0.1:9092->127.0.0.1:5000]>", "<TCPv6:[[::ffff:127.0.0.1]:9092->[::ffff:127.0.0.1]:5000]>")
    expect(check([six(read), write, "11 1.2 fdatasync(7</data/data.mdb>) = 0 (DELAYED)", six(answer)])).toBe("1 produces, 1 of them seen on their way to a file, 1 flushes")
  })

  it.each([
    ["no flush", [read, write, answer]],
    ["a flush that is still under way", [read, write, flushBegins, answer, flushEnds]],
    ["a flush that began before the bytes were written", [read, flushBegins, write, flushEnds, answer]],
    ["a flush that failed", [read, write, "11 1.2 fdatasync(7</data/data.mdb>) = -1 EIO (Input/output error)", answer]],
    ["a write behind the answer", [read, answer, write, flushBegins, flushEnds]]
  ])("refuses %s", (_, lines) => {
    expect(() => check(lines)).toThrow(/MARK-0-0-MARK was answered/)
  })
})
