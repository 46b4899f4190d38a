import type { Host } from '../host.js'
import { createPalette, type Palette } from '../render/palette.js'
import type { ExitCode } from './exit-codes.js'

/** Values of the flags that every command shares (`addSharedOptions`). */
export interface SharedOptions {
  readonly profile?: string
  readonly config?: string
  readonly issuer?: string
  readonly clientId?: string
  readonly clientSecretFile?: string
  readonly output?: 'text' | 'json' | 'jsonl' | 'raw'
  readonly json?: boolean
  readonly quiet?: boolean
  /** 0, 1 (`-v`) or 2 (`-vv`, wire, masked). */
  readonly verbose?: number
  /** False under `--no-input`. */
  readonly input?: boolean
  /** Milliseconds. */
  readonly timeout?: number
  readonly caFile?: string
  readonly cert?: string
  readonly key?: string
  readonly insecure?: boolean
  readonly allowHttp?: boolean
}

/** What a command gets beside its own arguments. */
export interface CommandContext {
  readonly host: Host
  /** Colours for stdout and stderr, each by its own stream. */
  readonly out: Palette
  readonly err: Palette
}

/** What each command starts with. */
export async function createContext(host: Host): Promise<CommandContext> {
  const [out, err] = await Promise.all([createPalette(host.stdout, host.env), createPalette(host.stderr, host.env)])
  return { host, out, err }
}

/** A command translates: flags in, rooms called, result written, exit code out. */
export type Command<Arguments extends readonly unknown[], Options> = (
  args: Arguments,
  options: Options & SharedOptions,
  context: CommandContext,
) => Promise<ExitCode>

export const wantsJson = (options: SharedOptions): boolean => options.json === true || options.output === 'json'

/** Writes one stable document; `schema` names its shape. */
export function writeJson(host: Pick<Host, 'stdout'>, document: { readonly schema: string } & Readonly<Record<string, unknown>>): void {
  host.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
}
