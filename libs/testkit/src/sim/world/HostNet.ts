import type { Dialer, Net } from "@tailrace/runtime"

/** The network as one host has it. */
export interface HostNet extends Net, Dialer {
  /** Ends every connection of the host at once, as the kernel does with those of a process that was killed. */
  cut(): void
}
