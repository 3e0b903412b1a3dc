import { spawn, type ChildProcess } from "node:child_process"
import { createInterface } from "node:readline"
import { onExit } from "../bench/harness/cleanup.ts"
import type { Ack, AckedLoad } from "./AckedLoad.ts"

/** librdkafka's idempotent producer, by the benchmark's load program in its `acks` mode. */
export class LibrdkafkaAckedLoad implements AckedLoad {
  readonly title = "librdkafka"
  readonly topic: string
  readonly acks: Ack[] = []
  readonly unknown = 0
  failure: string | undefined
  #command: string
  #args: string[]
  #process: ChildProcess | undefined
  #ended: Promise<void> = Promise.resolve()
  #summary: { failed: number; unanswered: number } | undefined
  #errors = ""

  constructor(program: string, port: number, topic: string, partitions: number) {
    this.topic = topic
    this.#command = program
    this.#args = ["acks", `127.0.0.1:${port}`, topic, String(partitions), "100"]
  }

  start(): Promise<void> {
    const child = spawn(this.#command, this.#args, { stdio: ["pipe", "pipe", "pipe"] })
    this.#process = child
    const forget = onExit(() => child.kill("SIGKILL"))
    createInterface({ input: child.stdout! }).on("line", (line) => this.#onLine(line))
    child.stderr!.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-2_000)
    })
    this.#ended = new Promise((resolve) => {
      child.on("close", (code) => {
        forget()
        if (code !== 0) this.failure = `ended with code ${code}: ${this.#errors.trim()}`
        resolve()
      })
    })
    return Promise.resolve()
  }

  async finish(): Promise<void> {
    this.#process?.stdin?.end()
    await this.#ended
    if (this.failure !== undefined || this.#summary?.failed !== 0) throw new Error(`librdkafka: ${this.failure ?? "no summary"}`)
  }

  #onLine(line: string): void {
    const [word, number, partition, offset] = line.split(" ")
    if (word === "ack") this.acks.push({ number: Number(number), partition: Number(partition), offset: Number(offset) })
    else if (line.startsWith("{")) this.#summary = JSON.parse(line) as { failed: number; unanswered: number }
  }
}
