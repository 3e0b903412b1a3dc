import { EncodeError } from "../EncodeError.ts"
import { ProtocolError } from "../ProtocolError.ts"

/** What the generated codecs need besides `Reader` and `Writer`. */
export const zeroUuid = "AAAAAAAAAAAAAAAAAAAAAA"
export const noBytes: Buffer = Buffer.alloc(0)

export function unsupportedField(subject: string, version: number, value: unknown): never {
  throw new EncodeError("unsupported-field", `${subject} in version ${version}`, value)
}

export function unsupportedNull(subject: string, version: number): never {
  throw new EncodeError("unsupported-null", `${subject} in version ${version}`, null)
}

export function checkEncodable(subject: string, version: number, min: number, max: number): void {
  if (!(version >= min && version <= max)) throw new EncodeError("unsupported-version", subject, version)
}

export function checkDecodable(position: number, version: number, min: number, max: number): void {
  if (!(version >= min && version <= max)) throw new ProtocolError("version", position, version)
}
