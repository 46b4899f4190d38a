import { createProcessHost } from './cli/process-host.js'
import { run } from './cli/run.js'

/** The launcher's only call: real host, signals, one exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const controller = new AbortController()
  let interrupts = 0
  const interrupt = (): void => {
    if (++interrupts > 1) process.exit(130)
    controller.abort()
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  const exitCode = await run(argv, createProcessHost(controller.signal))
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  return exitCode
}
