import { randomInt } from "node:crypto"
import { connect, createServer } from "node:net"

const portMin = 20_000
const portMaxExclusive = 32_000

/**
 * A port of 127.0.0.1 that is free, as is the one after it (Kafka's controller listens there). Both lie below the range from which the kernel
 * takes the ports of outgoing connections: a client's connection must not take the port before its server has started.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(portMin, portMaxExclusive)
    if (await isFree(port) && await isFree(port + 1)) return port
  }
  throw new Error(`no free port between ${portMin} and ${portMaxExclusive}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
}

/** ApiVersions version 0 with correlation id 1 and an empty client id: the first thing every client asks. */
const apiVersionsRequest = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0, 0])

/** True when a Kafka-protocol server answers ApiVersions on the port. */
export function answersApiVersions(port: number, timeoutMillis: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    let received = Buffer.alloc(0)
    const finish = (answer: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(() => finish(false), timeoutMillis)
    socket.on("connect", () => socket.write(apiVersionsRequest))
    socket.on("error", () => finish(false))
    socket.on("close", () => finish(false))
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length >= 10) finish(received.readInt32BE(4) === 1 && received.readInt16BE(8) === 0)
    })
  })
}

/** Asks again every few milliseconds until the server answers, and returns the milliseconds since `since`. */
export async function waitForApiVersions(port: number, since: number, timeoutMillis: number, isAlive: () => boolean, host = "127.0.0.1"): Promise<number> {
  while (performance.now() - since < timeoutMillis) {
    if (await answersApiVersions(port, 5_000, host)) return performance.now() - since
    if (!isAlive()) throw new Error("the server ended before it answered")
    await pause(3)
  }
  throw new Error(`no ApiVersions answer from ${host}:${port} in ${timeoutMillis} ms`)
}

export function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis))
}
