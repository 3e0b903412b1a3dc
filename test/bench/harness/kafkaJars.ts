import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { run } from "./Child.ts"
import { cacheRoot } from "./paths.ts"

export const kafkaVersion = "4.3.1"

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${kafkaVersion}</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>${kafkaVersion}</version></dependency>
</dependencies></project>
`

/** Warnings and errors only, to standard output: a log per request would be measured too. */
const log4j = `Configuration:
  Appenders:
    Console:
      name: STDOUT
      PatternLayout:
        pattern: "[%d] %p %m (%c)%n"
  Loggers:
    Root:
      level: WARN
      AppenderRef:
        - ref: STDOUT
`

export interface KafkaJars {
  readonly classPath: string
  readonly log4jFile: string
}

/** Apache Kafka's jars from Maven Central, fetched once into the cache; a copy that is there already (with its READY mark) is reused. */
export async function kafkaJars(): Promise<KafkaJars> {
  const wanted = join(cacheRoot, `kafka-${kafkaVersion}`)
  const own = join(cacheRoot, `kafka-${kafkaVersion}-tailrace`)
  const found = [wanted, own].find((directory) => existsSync(join(directory, "READY")))
  const directory = found ?? await install(existsSync(wanted) ? own : wanted)
  const log4jFile = join(cacheRoot, `kafka-${kafkaVersion}-log4j2.yaml`)
  writeFileSync(log4jFile, log4j)
  return { classPath: join(directory, "libs/*"), log4jFile }
}

async function install(directory: string): Promise<string> {
  const partial = `${directory}.partial-${process.pid}`
  mkdirSync(partial, { recursive: true })
  writeFileSync(join(partial, "pom.xml"), pom)
  console.error(`fetching Apache Kafka ${kafkaVersion} from Maven Central into ${directory}`)
  try {
    await run({
      command: "mvn", args: ["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=libs"],
      cwd: partial, timeoutMillis: 600_000
    })
    writeFileSync(join(partial, "READY"), "")
    rmSync(directory, { recursive: true, force: true })
    renameSync(partial, directory)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  return directory
}

/** A command line for one of Kafka's main classes. */
export function java(jars: KafkaJars, heap: ReadonlyArray<string>, mainClass: string, args: ReadonlyArray<string>): { command: string; args: string[] } {
  return {
    command: "java",
    args: [...heap, `-Dlog4j2.configurationFile=${jars.log4jFile}`, "-Djava.awt.headless=true", "-cp", jars.classPath, mainClass, ...args]
  }
}
