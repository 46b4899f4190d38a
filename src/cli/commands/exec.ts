import { spawn } from 'node:child_process'
import type { Session } from '../../client/obtain-options.js'
import { obtainSession } from '../../client/session.js'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import type { Command } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { authorizationOf, environmentOf } from './token-environment.js'
import { prepareClient, type ClientFlags } from './login-context.js'

export interface ExecFlags extends ClientFlags {
  /** Milliseconds. */
  readonly minTtl?: number
  /** `METHOD URL` of the call the command will make, for a DPoP proof. */
  readonly prove?: string
  /** The `DPoP-Nonce` that the server gave with its last answer, for that proof (RFC 9449 §9). */
  readonly proveNonce?: string
}

/** Runs a command with the profile's token in its environment; its exit code becomes ours. The token never stands on a command line. */
export const exec: Command<[string | undefined, readonly string[]], ExecFlags> = async ([name, words], flags, context) => {
  const [program, ...args] = words
  if (program === undefined)
    throw new OidcgwError('ERR_USAGE', 'there is no command to run', { hint: 'Write oidcgw exec [profile] -- CMD …' })
  const { profile, host, options } = await prepareClient(name, flags, context)
  const session = await obtainSession(profile, host, {
    ...options,
    ...(flags.minTtl !== undefined && { minTtlSeconds: flags.minTtl / 1000 }),
  })
  const env = {
    ...host.env,
    ...environmentOf(session.tokens),
    OIDCGW_AUTHORIZATION: authorizationOf(session.tokens),
    ...(flags.prove !== undefined && { OIDCGW_DPOP: await proofFor(flags.prove, flags.proveNonce, session, host) }),
  }
  return run(program, args, env, host)
}

async function proofFor(text: string, nonce: string | undefined, { tokens, dpopKey }: Session, host: Host): Promise<string> {
  const [method = '', address = ''] = text.split(' ')
  const url = URL.parse(address)
  if (!/^[A-Z]+$/.test(method) || !url)
    throw new OidcgwError('ERR_USAGE', `--prove: "${text}" is no METHOD URL`, {
      hint: 'For example --prove "GET https://api.example/orders"',
    })
  if (!dpopKey) throw new OidcgwError('ERR_USAGE', '--prove: the token is not bound to a key', { hint: 'Write dpop: true in the profile' })
  const { createDpopProof } = await import('../../client/dpop-proof.js')
  return createDpopProof(dpopKey, { method, url, accessToken: tokens.access_token, ...(nonce !== undefined && { nonce }) }, host)
}

function run(program: string, args: readonly string[], env: Host['env'], { cwd, signal }: Host): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...env }, cwd })
    const stop = (): void => void child.kill('SIGTERM')
    signal.addEventListener('abort', stop, { once: true })
    child.on('error', (cause: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', stop)
      reject(
        new OidcgwError('ERR_USAGE', `${program} cannot be run (${cause.code ?? 'error'})`, { cause, hint: 'Check the command after --' }),
      )
    })
    child.on('exit', (code, by) => {
      signal.removeEventListener('abort', stop)
      resolve((by === null ? code : signal.aborted || by === 'SIGINT' ? EXIT.interrupted : EXIT.bug) as ExitCode)
    })
  })
}
