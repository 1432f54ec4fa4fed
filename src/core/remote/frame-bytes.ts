/** At most so many bytes in one frame. */
export const frameBytes = 65_536;
