// SPDX-License-Identifier: MIT
// Tokens that tests pay with. Tokens.json has their compiled code; made with, in this folder:
//   npm install --no-save --prefix "$TMP" solc@0.8.28
//   node compile.js "$TMP/node_modules/solc"
pragma solidity 0.8.28;

/// As a token should be. Who makes it has a billion of it.
contract Honest {
    event Transfer(address indexed from, address indexed to, uint256 value);

    uint8 public immutable decimals;
    mapping(address => uint256) internal balances;

    constructor(uint8 decimals_) {
        decimals = decimals_;
        balances[msg.sender] = 10 ** (9 + uint256(decimals_));
    }

    function balanceOf(address who) public view virtual returns (uint256) {
        return balances[who];
    }

    function transfer(address to, uint256 value) external virtual returns (bool) {
        _move(to, value, value);
        emit Transfer(msg.sender, to, value);
        return true;
    }

    function _move(address to, uint256 taken, uint256 given) internal {
        require(balances[msg.sender] >= taken, "too little");
        balances[msg.sender] -= taken;
        balances[to] += given;
    }
}

/// Keeps one per cent of each transfer and says nothing of it.
contract TakesFee is Honest(6) {
    function transfer(address to, uint256 value) external override returns (bool) {
        _move(to, value, value - value / 100);
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

/// Tells of transfers that it does not make.
contract Lies is Honest(6) {
    function transfer(address to, uint256 value) external override returns (bool) {
        emit Transfer(msg.sender, to, value);
        return false;
    }
}

/// Says no without failing.
contract SaysNo is Honest(6) {
    function transfer(address, uint256) external pure override returns (bool) {
        return false;
    }
}

/// Whoever asks has more than can be.
contract Boasts is Honest(6) {
    function balanceOf(address) public view override returns (uint256) {
        return block.number << 200;
    }

    function transfer(address to, uint256 value) external override returns (bool) {
        emit Transfer(msg.sender, to, value << 200);
        return true;
    }
}

/// Spends what it was given: several transfers in one transaction, or some that it takes back by failing.
contract Splitter {
    function pay(Honest token, address[] calldata to, uint256[] calldata values) external {
        for (uint256 i = 0; i < to.length; i++) token.transfer(to[i], values[i]);
    }

    function payThenFail(Honest token, address to, uint256 value) external {
        token.transfer(to, value);
        revert("changed my mind");
    }
}
