export function machineState(): Map<string, string>;
export function differences(before: Map<string, string>, after: Map<string, string>): readonly string[];
export function processesMarked(mark: string, patience?: number): Promise<readonly string[]>;
