import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { loadBook } from '../../profile/cached-book.js'
import type { CommandContext, SharedOptions } from '../context.js'
import { prepareClient, type ClientFlags, type ClientRun } from './login-context.js'
import { readStdin } from '../read-stdin.js'

/**
 * What a command about a token needs. The argument is a token, or the name of a profile whose own token is meant: a name must not be
 * sent to the provider as if it were one.
 */
export async function prepareForToken(
  argument: string | undefined,
  flags: ClientFlags & SharedOptions,
  context: CommandContext,
): Promise<ClientRun & { readonly named: string | undefined }> {
  const isProfile = argument !== undefined && Object.hasOwn((await loadBook(context.host, flags.config)).profiles, argument)
  const run = await prepareClient(isProfile ? argument : undefined, flags, context)
  return { ...run, named: argument === undefined || isProfile ? undefined : await readToken(argument, run.host) }
}

/**
 * The token somebody named: itself, `@FILE`, `-` for stdin; with a `Bearer ` or `Authorization:` in front, as copied from somewhere.
 * @throws {OidcgwError} `ERR_INPUT_NOT_FOUND`, `ERR_NOT_A_TOKEN` when there is nothing or white space inside.
 */
async function readToken(argument: string, host: Pick<Host, 'stdin' | 'cwd'>): Promise<string> {
  const text =
    argument === '-'
      ? (await readStdin(host.stdin)).toString('utf8')
      : argument.startsWith('@')
        ? await readNamed(argument.slice(1), host.cwd)
        : argument
  const token = text
    .trim()
    .replace(/^authorization:\s*/i, '')
    .replace(/^(bearer|dpop)\s+/i, '')
  if (token !== '' && !/\s/.test(token)) return token
  throw new OidcgwError('ERR_NOT_A_TOKEN', token === '' ? 'there is no token' : 'this is no token: it has white space inside', {
    hint: 'Pass a token, @FILE, or - for stdin',
  })
}

async function readNamed(path: string, cwd: string): Promise<string> {
  return readFile(resolve(cwd, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_INPUT_NOT_FOUND', `${path} cannot be read (${cause.code ?? 'error'})`, {
      cause,
      hint: 'Check the path after @',
    })
  })
}
