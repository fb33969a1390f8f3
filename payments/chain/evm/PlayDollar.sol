// SPDX-License-Identifier: MIT
// The demo's test chain has it at the address of playdollar.py, which has the compiled code; made with solc 0.8.28,
// evmVersion paris, optimizer 200 runs, no metadata: evm.deployedBytecode.object.
pragma solidity 0.8.28;

/// Play money: whoever asks gets some.
contract PlayDollar {
    event Transfer(address indexed from, address indexed to, uint256 value);

    string public constant name = "Play USDC";
    string public constant symbol = "USDC";
    uint8 public constant decimals = 6;
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 value) external {
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}
