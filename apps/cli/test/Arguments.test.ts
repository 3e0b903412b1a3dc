import { describe, expect, it } from "vitest"
import { Arguments } from "../src/Arguments.ts"
import type { Command } from "../src/Command.ts"
import { config } from "../src/commands/config.ts"
import { consume } from "../src/commands/consume.ts"
import { group } from "../src/commands/group.ts"
import { produce } from "../src/commands/produce.ts"
import { topic } from "../src/commands/topic.ts"
import type { Flags } from "../src/Flag.ts"

/** What was understood: the action, bare words, and flags by their names. */
const understood = (command: Command, line: string): unknown => {
  const args = Arguments.parse(command, line.split(" ").filter((word) => word !== ""))
  const flags = Object.entries(command.flags as Flags).flatMap(([name, flag]) => args.has(name)
    ? [[name, flag.isList === true ? args.texts(name) : args.text(name)]] : [])
  return [args.action, args.positionals, Object.fromEntries(flags)]
}

describe("Arguments", () => {
  it.each<[Command, string, unknown]>([
    [topic, "create orders --partitions 3", ["create", ["orders"], { partitions: "3" }]],
    [topic, "--create --topic orders --partitions=3 --replication-factor 1 --config a=b --config c=d,e --if-not-exists",
      ["create", [], { "topic": ["orders"], "partitions": "3", "replication-factor": "1", "config": ["a=b", "c=d,e"], "if-not-exists": "" }]],
    [topic, "create orders -p 3 -c a=b -b one:1,two:2", ["create", ["orders"], { "partitions": "3", "config": ["a=b"], "bootstrap-server": "one:1,two:2" }]],
    [topic, "--list", ["list", [], {}]],
    [topic, "list --list", ["list", [], {}]],
    [topic, "--describe --topic a --broker-list h:1", ["describe", [], { "topic": ["a"], "bootstrap-server": "h:1" }]],
    [topic, "describe -- --odd", ["describe", ["--odd"], {}]],
    [group, "--list --state", ["list", [], { state: "" }]],
    [group, "--list --state stable,Empty", ["list", [], { state: "stable,Empty" }]],
    [group, "list --type=classic", ["list", [], { type: "classic" }]],
    [group, "describe --state billing", ["describe", ["billing"], { state: "" }]],
    [group, "--describe --group a --members --verbose", ["describe", [], { group: ["a"], members: "", verbose: "" }]],
    [group, "--reset-offsets --group a --topic t:0,1 --shift-by -10 --execute",
      ["reset", [], { "group": ["a"], "topic": ["t:0,1"], "shift-by": "-10", "execute": "" }]],
    [group, "reset a --all-topics --to-earliest", ["reset", ["a"], { "all-topics": "", "to-earliest": "" }]],
    [config, "--alter --entity-type topics --entity-name o --add-config a=1,b=[2,3] --delete-config c",
      ["alter", [], { "entity-type": "topics", "entity-name": "o", "add-config": ["a=1,b=[2,3]"], "delete-config": ["c"] }]],
    [produce, "--topic o --reader-property parse.key=true --property key.separator=: --producer-property acks=1",
      ["", [], { "topic": "o", "property": ["parse.key=true", "key.separator=:"], "command-property": ["acks=1"] }]],
    [produce, "o --compression-codec", ["", ["o"], { "compression-codec": "" }]],
    [produce, "o --compression-codec zstd", ["", ["o"], { "compression-codec": "zstd" }]],
    [produce, "--compression-codec o", ["", ["o"], { "compression-codec": "" }]],
    [consume, "o --from-beginning --formatter-property print.key=true --num-records 3 --consumer.config f",
      ["", ["o"], { "from-beginning": "", "property": ["print.key=true"], "max-messages": "3", "command-config": "f" }]]
  ])("%# %s", (command, line, expected) => {
    expect(understood(command, line)).toEqual(expected)
  })

  it.each<[Command, string, string, string | undefined]>([
    [topic, "create o --partition 3", "unknown flag --partition", "Did you mean --partitions?"],
    [topic, "list --jsno", "unknown flag --jsno", "Did you mean --json?"],
    [topic, "list -x", "unknown flag -x", undefined],
    [topic, "list --zzzzzzzzz", "unknown flag --zzzzzzzzz", undefined],
    [topic, "create o --partitions three", "--partitions needs a whole number, not \"three\"", undefined],
    [topic, "create o --partitions", "--partitions needs a value: --partitions N", undefined],
    [topic, "create --topic --partitions 3", "--topic needs a value: --topic NAME", undefined],
    [topic, "create o --partitions 3 --partitions 4", "--partitions is given twice", undefined],
    [topic, "list --json=yes", "--json takes no value", undefined],
    [topic, "list --partitions 3", "--partitions does not go with topic list", "It goes with: create, alter."],
    [topic, "--create --list", "only one of --create, --list can be given", undefined],
    [topic, "crate o", "unknown action crate", "Did you mean topic create?"],
    [topic, "", "say what to do: tailrace topic create|list|describe|alter|delete", undefined],
    [consume, "o --isolation-level all", "--isolation-level cannot be \"all\"", "It is one of: read_uncommitted, read_committed."],
    [group, "--reset-offset --group a", "unknown flag --reset-offset", "Did you mean --reset-offsets?"]
  ])("%# refuses %s", (command, line, message, advice) => {
    expect(() => understood(command, line)).toThrow(expect.objectContaining({ _tag: "UsageError", message, advice }) as Error)
  })

  it("gives every flag that is shown a text, and every text an end", () => {
    for (const command of [topic, group, config, produce, consume] as ReadonlyArray<Command>) {
      for (const [name, flag] of Object.entries(command.flags)) {
        if (flag.help !== undefined && !/\.$|…$/.test(flag.help)) expect.fail(`${command.name} --${name}: ${flag.help}`)
      }
    }
  })
})
