/** Owns the start of the Setup webview: connects the model to the host and draws it. Nothing else runs on import. */
import { render } from 'preact';
import { Peer } from '../../extension/rpc/peer';
import { systemClock } from '../../extension/util/clock';
import { createHostChannel } from '../platform/hostChannel';
import { SavedState } from '../platform/savedState';
import { vsCodeApi } from '../platform/vscodeApi';
import { App } from './App';
import { connectSetupHost } from './model/setupHost';
import { SetupModel } from './model/setupModel';
import { parseViewState, VIEW_STATE_VERSION } from './model/viewState';
import './setup.css';

const api = vsCodeApi();
const peer = new Peer(createHostChannel(api));
const model = new SetupModel(connectSetupHost(peer), systemClock, new SavedState(api, VIEW_STATE_VERSION, parseViewState));
model.start();
const root = document.getElementById('root');
if (root) render(<App model={model} />, root);
