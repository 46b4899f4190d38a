import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expectSilentProcess } from './command-canaries.js'
import type { CliResult } from './memory-host.js'

/** The launcher of the built oidcgw. */
export const BIN = fileURLToPath(new URL('../../bin/oidcgw.js', import.meta.url))

/**
 * Runs one command line of the built oidcgw in a process of its own, with nothing in its environment but `env`.
 * @throws when a secret shows that nobody asked for.
 */
export async function runBuilt(
  args: readonly string[],
  { env, cwd }: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Promise<CliResult> {
  const ended = await new Promise<CliResult>((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], { env: { ...env, NO_COLOR: '1' }, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.once('error', reject)
    child.once('close', (exitCode) => resolve({ exitCode: exitCode ?? -1, stdout, stderr }))
  })
  expectSilentProcess(args, { env, cwd }, ended)
  return ended
}
