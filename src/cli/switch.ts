/** Whether an environment variable that is a switch is on: set, and neither empty nor `0` or `false`. */
export const isOn = (text: string | undefined): boolean => Boolean(text) && !/^(0|false)$/i.test(text ?? '')
