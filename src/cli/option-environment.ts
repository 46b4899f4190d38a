import { Help, InvalidArgumentError, type Command, type Option } from 'commander'
import type { Host } from '../host.js'
import { isOn } from './switch.js'

/** What `.env()` says of options, read from the host. */
export interface OptionEnvironment {
  /** Takes the variables' names over from a command's options: commander itself would look into the process's environment, whatever the host says. */
  readonly adopt: (command: Command) => void
  /** Gives the options that stand neither on the command line nor empty in the environment their values, checked like arguments. */
  readonly fill: (command: Command) => void
  /** An option's line in the help, with its variable. */
  readonly describe: (option: Option) => string
}

/** For the command tree of one run. An empty variable counts as unset; a flag is on unless its variable is `0` or `false`. */
export function createOptionEnvironment(env: Host['env']): OptionEnvironment {
  const variables = new Map<Option, string>()
  return {
    adopt(command) {
      for (const option of command.options) {
        if (option.envVar === undefined) continue
        variables.set(option, option.envVar)
        delete option.envVar
      }
    },
    fill(command) {
      for (const option of command.options) {
        const variable = variables.get(option)
        const text = variable && env[variable]
        if (!text || isGiven(command, option)) continue
        if (option.required || option.optional) set(command, option, parse(command, option, text, variable))
        else if (isOn(text)) set(command, option, !option.negate)
      }
    },
    describe(option) {
      const envVar = variables.get(option)
      return new Help().optionDescription(envVar === undefined ? option : (Object.assign(Object.create(option), { envVar }) as Option))
    },
  }
}

const isGiven = (command: Command, option: Option): boolean =>
  !['default', undefined].includes(command.getOptionValueSource(option.attributeName()))

const set = (command: Command, option: Option, value: unknown): void =>
  void command.setOptionValueWithSource(option.attributeName(), value, 'env')

function parse(command: Command, option: Option, text: string, variable: string): unknown {
  try {
    return option.parseArg ? option.parseArg(text, undefined) : text
  } catch (cause) {
    if (!(cause instanceof InvalidArgumentError)) throw cause
    return command.error(`error: option '${option.flags}' value '${text}' from env '${variable}' is invalid. ${cause.message}`)
  }
}
