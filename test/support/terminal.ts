import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import { expectSilentProcess } from './command-canaries.js'
import { BIN } from './run-built.js'

/** What makes a terminal of a pipe here. */
export const TERMINAL_PROGRAMS: readonly string[] = ['script', 'stty']

export interface Terminal {
  /** Everything on the screen so far, without colours and cursor movements. */
  readonly screen: () => string
  /** The same as it came. */
  readonly raw: () => string
  readonly type: (text: string) => void
  /** A signal that comes from elsewhere than the keyboard. */
  readonly signal: (name: NodeJS.Signals) => Promise<void>
  /** Settles when the screen shows that. */
  readonly shows: (text: string | RegExp) => Promise<RegExpMatchArray>
  /** Settles when the command has ended. @throws when a secret shows that nobody asked for. */
  readonly ended: () => Promise<{
    readonly exitCode: number
    /** Redirected into a file, so that only the result is in it. */
    readonly stdout: string
    /** Whether the terminal's settings are what they were before. */
    readonly restored: boolean
  }>
}

export interface TerminalOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`

/** Runs one command line of the built oidcgw on a real terminal, whose echo is on; standard output goes into a file. */
export async function openTerminal(args: readonly string[], { cwd, env }: TerminalOptions): Promise<Terminal> {
  const folder = await mkdtemp(join(tmpdir(), 'oidcgw-terminal-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const command = [process.execPath, BIN, ...args].map(quoted).join(' ')
  const start = `sh -c 'echo $$ >pid; cd "$AT"; exec "$@"' sh ${command} >out`
  // The shell outlives a Ctrl-C to say how the command ended and how it left the terminal.
  const steps = ['stty cols 100 rows 40', 'trap : INT', 'stty -g >before', start, 'echo $? >code', 'stty -g >after']
  const child = spawn('script', ['-q', '-f', '-E', 'always', '-c', steps.join('; '), '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', SHELL: '/bin/sh', ...env, AT: cwd },
  })
  const left = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onTestFinished(async () => {
    child.kill()
    await left
  })
  let raw = ''
  let changed = (): void => undefined
  child.stdout.on('data', (chunk: Buffer) => {
    raw += chunk.toString()
    changed()
  })
  const screen = (): string => stripVTControlCharacters(raw)
  const read = async (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
  return {
    screen,
    raw: () => raw,
    type: (text) => void child.stdin.write(text),
    signal: async (name) => void process.kill(Number(await read('pid')), name),
    shows: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = screen().match(wanted)
          if (found) resolve(found)
        }
        const fail = (why: string) => () => reject(new Error(`${why} without showing ${String(wanted)}:\n${screen()}`))
        changed = look
        void left.then(fail('it ended'))
        setTimeout(fail('20 s went by'), 20_000).unref()
        look()
      }),
    ended: async () => {
      await left
      const [code, stdout, before, after] = await Promise.all(['code', 'out', 'before', 'after'].map(read))
      expectSilentProcess(args, { env, cwd }, { stdout: stdout ?? '', stderr: screen() })
      return { exitCode: Number(code), stdout: stdout ?? '', restored: before === after }
    },
  }
}
