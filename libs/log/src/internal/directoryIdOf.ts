import { DirectoryDamagedError } from "../DirectoryDamagedError.ts"
import { DirectoryFormatError } from "../DirectoryFormatError.ts"
import { formatVersion } from "./records.ts"

/** The directory id in the text of an identity. Throws where this version cannot read it. */
export function directoryIdOf(text: string | undefined, storeName: string): string {
  const [version, directoryId] = text?.split(" ") ?? []
  if (version === undefined) throw new DirectoryDamagedError(storeName, "its identity is damaged")
  if (version === String(formatVersion) && directoryId !== undefined) return directoryId
  throw new DirectoryFormatError(storeName, `it has format ${version}`)
}
