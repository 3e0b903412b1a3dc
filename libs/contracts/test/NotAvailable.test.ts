import { expect, it } from "vitest"
import { NotAvailable } from "@tailrace/contracts"

it("tells a handler what the client may do, and a log reader who was meant", () => {
  const error = new NotAvailable("group/billing", 15)
  expect(error).toMatchObject({ _tag: "NotAvailable", actor: "group/billing", errorCode: 15 })
  expect(error.message).toBe("group/billing is not available")
})
