/** Owns the start of the Traffic webview: connects the model to the host and draws it. Nothing else runs on import. */
import { render } from 'preact';
import { Peer } from '../../extension/rpc/peer';
import { systemClock } from '../../extension/util/clock';
import { registerToolkit } from '../elements/toolkit';
import { createHostChannel } from '../platform/hostChannel';
import { SavedState } from '../platform/savedState';
import { vsCodeApi } from '../platform/vscodeApi';
import { App } from './App';
import { connectTrafficHost } from './model/trafficHost';
import { TrafficModel } from './model/trafficModel';
import { parseViewState, VIEW_STATE_VERSION } from './model/viewState';
import './traffic.css';

registerToolkit();
const api = vsCodeApi();
const peer = new Peer(createHostChannel(api));
const model = new TrafficModel(connectTrafficHost(peer), systemClock, new SavedState(api, VIEW_STATE_VERSION, parseViewState));
model.start();
const root = document.getElementById('root');
if (root) render(<App model={model} />, root);
