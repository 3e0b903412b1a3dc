import { DirectoryFormatError } from "../DirectoryFormatError.ts"
import { formatVersion } from "./records.ts"

/** The directory id in the text of an identity. Throws `DirectoryFormatError` for a text that this version cannot read. */
export function directoryIdOf(text: string | undefined, storeName: string): string {
  const [version, directoryId] = text?.split(" ") ?? []
  if (version === String(formatVersion) && directoryId !== undefined) return directoryId
  throw new DirectoryFormatError(storeName, version === undefined ? "its identity is damaged" : `it has format ${version}`)
}
