import type { ControllerCalls } from "@tailrace/contracts"
import type { Call } from "./Call.ts"

/** What a client is told beside the code. */
export const notReached = "The controller cannot be reached now; try again."

/** Asks the controller, wherever it is; where it cannot be reached, `refuse` says so for every item of the request. */
export function askController<K extends keyof ControllerCalls>(
  call: Call,
  kind: K,
  request: ControllerCalls[K]["request"],
  reply: (response: ControllerCalls[K]["response"]) => void,
  refuse: (errorCode: number) => ControllerCalls[K]["response"]
): void {
  call.whenSettled(call.context.broker.controller.ask(kind, request, call.apiVersion), reply, (errorCode) => {
    reply(refuse(errorCode))
  })
}
