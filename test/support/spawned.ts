import { spawn, type ChildProcess } from 'node:child_process'
import { expectSilentProcess } from './command-canaries.js'
import { BIN } from './run-built.js'

export interface Spawned {
  /** The first JSON document on stdout. */
  readonly said: Record<string, unknown>
  /** @throws when a secret showed. */
  stop(): Promise<void>
}

/** Starts a server command of the built oidcgw with `--json` and waits until it says that it runs. */
export async function spawnServer(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Spawned> {
  const child = spawn(process.execPath, [BIN, ...args, '--json'], {
    env: { ...process.env, ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const shown = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (shown.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (shown.stderr += chunk.toString()))
  return {
    said: await firstDocument(child, args),
    async stop() {
      await stop(child)
      expectSilentProcess(args, { env, cwd: process.cwd() }, shown)
    },
  }
}

function firstDocument(child: ChildProcess, args: readonly string[]): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    let [out, err] = ['', '']
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      try {
        resolve(JSON.parse(out) as Record<string, unknown>)
      } catch {
        // More is coming.
      }
    })
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`oidcgw ${args.join(' ')} ended with ${code}: ${err}`)))
  })
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGINT')
  return ended
}
