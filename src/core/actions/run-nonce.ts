/** The marker that frames sections in the files that a run leaves; known to both ends without being stored. */
export const nonceOf = (executionId: string): string => executionId.replaceAll('-', '');
