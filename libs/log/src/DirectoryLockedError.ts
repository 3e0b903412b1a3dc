/** Another process, or this one, has the data directory open. */
export class DirectoryLockedError extends Error {
  readonly _tag = "DirectoryLockedError"
  readonly directory: string
  /** The process that holds the lock, where it is known. */
  readonly holderPid: number | undefined

  constructor(directory: string, holderPid: number | undefined) {
    const holder = holderPid === undefined ? "another process" : holderPid === process.pid ? "this process" : `process ${holderPid}`
    super(`the data directory ${directory} is in use by ${holder}`)
    this.name = "DirectoryLockedError"
    this.directory = directory
    this.holderPid = holderPid
  }
}
