import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { OidcgwError } from '../errors.js'

/**
 * One line from the terminal without an echo: what is pasted may hold a code. Read key by key, since a terminal's own line ends at 1,024 or 4,096
 * characters and a redirected address may be longer; so Ctrl-C is a key here, and becomes the signal that it usually is.
 *
 * @throws {OidcgwError} `ERR_ABORTED` when `signal` aborts.
 */
export function readTerminalLine(ask: () => void, signal: AbortSignal): Promise<string | undefined> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true, historySize: 0 })
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(new OidcgwError('ERR_ABORTED', 'nothing was typed'))
      lines.close()
    }
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    lines.once('close', () => {
      signal.removeEventListener('abort', abort)
      resolve(undefined)
    })
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    else ask()
  })
}
