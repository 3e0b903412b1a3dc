import { connect, createServer } from "node:net"

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port"))
        else resolve(address.port)
      })
    })
  })
}

/** ApiVersions version 0 with correlation id 1 and an empty client id: the first thing every client asks. */
const apiVersionsRequest = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0, 0])

/** True when a Kafka-protocol server answers ApiVersions on the port. */
export function answersApiVersions(port: number, timeoutMillis: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port })
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
export async function waitForApiVersions(port: number, since: number, timeoutMillis: number, isAlive: () => boolean): Promise<number> {
  while (performance.now() - since < timeoutMillis) {
    if (await answersApiVersions(port, 5_000)) return performance.now() - since
    if (!isAlive()) throw new Error("the server ended before it answered")
    await pause(3)
  }
  throw new Error(`no ApiVersions answer on port ${port} in ${timeoutMillis} ms`)
}

export function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis))
}
