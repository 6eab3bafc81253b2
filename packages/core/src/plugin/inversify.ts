/** The parts of inversify that are used here. The build puts the library itself in place of this file's output. */
import 'reflect-metadata';

export { Container, type ServiceIdentifier } from 'inversify';
