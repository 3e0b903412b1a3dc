import type { NatsLibrary } from "./natsLibrary.ts"

/** Of Node and OpenSSL: what a handshake fails with, and what is wrong with a certificate. */
const tlsCode = /^(?:ERR_(?:TLS|SSL|OSSL)_|EPROTO$|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(?:CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_MISMATCH$)/

/**
 * A server is there and does not let us in, for a reason that stays until somebody changes a file: user, password or certificate. What
 * is over with a moment's patience, such as a server that is not up yet or too busy to answer in time, is none.
 */
export function isLastingRefusal(cause: unknown, { errors }: Pick<NatsLibrary, "errors">): boolean {
  // By this error the library also tells that a busy server gave up waiting for our answer.
  if (cause instanceof errors.AuthorizationError) return !/timeout/i.test(cause.message)
  if (cause instanceof errors.UserAuthenticationExpiredError) return true
  if (!(cause instanceof Error)) return false
  // The server has no TLS and we ask for it, or the other way round.
  if ((cause instanceof errors.ConnectionError || cause instanceof errors.InvalidArgumentError) && cause.message.includes("'tls'")) return true
  const { code } = cause as NodeJS.ErrnoException
  return (code !== undefined && tlsCode.test(code)) || isLastingRefusal(cause.cause, { errors })
}
