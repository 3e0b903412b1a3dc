import { get } from "node:http"
import { connect } from "node:net"
import type { Endpoint } from "./Layout.ts"

const answerMillisMax = 1_000

export function isPortOpen({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: answerMillisMax })
    const finish = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.on("connect", () => finish(true))
    socket.on("error", () => finish(false))
    socket.on("timeout", () => finish(false))
  })
}

/** `/readyz` answers 200. */
export function isReady({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port, path: "/readyz", timeout: answerMillisMax }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on("error", () => resolve(false))
    request.on("timeout", () => {
      request.destroy()
      resolve(false)
    })
  })
}
