/** Owns how large one message of a server may be, whichever way it comes. */

/** Beyond this it is not a message but a runaway, bytes. */
export const MAX_MESSAGE_BYTES = 512 * 1024 * 1024;
