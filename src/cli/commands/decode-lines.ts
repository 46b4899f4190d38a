import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'

/**
 * The lines of stdin or of a file, one at a time, empty ones left out; for inputs of any length.
 * @throws {OidcgwError} `ERR_INPUT_NOT_FOUND`
 */
export async function* readLines(argument: string | undefined, host: Pick<Host, 'stdin' | 'cwd'>): AsyncGenerator<string> {
  const fromStdin = argument === undefined || argument === '-'
  const source = fromStdin ? host.stdin : createReadStream(resolve(host.cwd, argument.replace(/^@/, '')))
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of source) {
      const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array, { stream: true }))).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') yield line.trim()
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (fromStdin || typeof code !== 'string') throw cause
    throw new OidcgwError('ERR_INPUT_NOT_FOUND', `${argument} cannot be read (${code})`, {
      cause,
      hint: 'Check the path; each line holds one token',
    })
  }
  if (rest.trim() !== '') yield rest.trim()
}
